import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import { broadcastStrides } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import { type BinaryLoop, combineBlocks, eachPair, type Operand } from './blocks.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { rowsOf } from './strided.ts'

/** Runs `loop` over the elements of `a` and `b`, broadcast to one shape. */
function combine(
  backend: RefBackend,
  a: TensorInfo,
  b: TensorInfo,
  loop: BinaryLoop,
  dtype: DataType,
): TensorInfo {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const { info, values } = backend.allocate(shape, dtype)
  combineBlocks(operand(backend, a, shape), operand(backend, b, shape), values, loop)
  return info
}

/** `x` as it is read when broadcast to `shape`. */
function operand(backend: RefBackend, x: TensorInfo, shape: readonly number[]): Operand {
  const values = backend.values(x)
  if (values.length === tf.util.sizeFromShape([...shape])) return { values }
  return { values, rows: rowsOf(shape, broadcastStrides(x.shape, shape)) }
}

/** A kernel of two broadcast inputs; the output has the dtype of `a` unless one is given. */
const arithmetic =
  (loop: BinaryLoop, dtype?: DataType): RefKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) =>
    combine(backend, a, b, loop, dtype ?? a.dtype)

const comparison = (loop: BinaryLoop) => arithmetic(loop, 'bool')

const add: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! + b[i]!
}
const subtract: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! - b[i]!
}
const multiply: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! * b[i]!
}
const divide: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! / b[i]!
}
const maximum: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.max(a[i]!, b[i]!)
}
const minimum: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.min(a[i]!, b[i]!)
}
const squaredDifference: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = (a[i]! - b[i]!) * (a[i]! - b[i]!)
}
const equal: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i] === b[i] ? 1 : 0
}
const notEqual: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i] === b[i] ? 0 : 1
}
const greater: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! > b[i]! ? 1 : 0
}
const greaterEqual: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! >= b[i]! ? 1 : 0
}
const less: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! < b[i]! ? 1 : 0
}
const lessEqual: BinaryLoop = (a, b, y, n) => {
  for (let i = 0; i < n; i++) y[i] = a[i]! <= b[i]! ? 1 : 0
}
const prelu: BinaryLoop = (x, alpha, y, n) => {
  for (let i = 0; i < n; i++) y[i] = x[i]! < 0 ? alpha[i]! * x[i]! : x[i]!
}
const eluGrad: BinaryLoop = (dy, y, dx, n) => {
  for (let i = 0; i < n; i++) dx[i] = y[i]! >= 0 ? dy[i]! : dy[i]! * (y[i]! + 1)
}
const reluGrad: BinaryLoop = (dy, y, dx, n) => {
  for (let i = 0; i < n; i++) dx[i] = y[i]! > 0 ? dy[i]! : 0
}

/** The remainder with the sign of the divisor, as Python and tfjs. */
function floorMod(a: number, b: number): number {
  const rest = a % b
  return a < 0 === b < 0 ? rest : (rest + b) % b
}

const slopeBy =
  (loop: BinaryLoop): RefKernel<Inputs<'dy' | 'y'>> =>
  ({ dy, y }, _attrs, backend) =>
    combine(backend, dy, y, loop, 'float32')

const preluKernel: RefKernel<Inputs<'x' | 'alpha'>> = ({ x, alpha }, _attrs, backend) =>
  combine(backend, x, alpha, prelu, 'float32')

/** Elementwise kernels of two inputs. NaN spreads through `Maximum` and `Minimum`. */
export const binaryKernels = {
  Add: arithmetic(add),
  Atan2: arithmetic(eachPair(Math.atan2)),
  EluGrad: slopeBy(eluGrad),
  Equal: comparison(equal),
  FloorDiv: arithmetic(eachPair((a, b) => Math.floor(a / b))),
  Greater: comparison(greater),
  GreaterEqual: comparison(greaterEqual),
  Less: comparison(less),
  LessEqual: comparison(lessEqual),
  LogicalAnd: comparison(eachPair((a, b) => (a !== 0 && b !== 0 ? 1 : 0))),
  LogicalOr: comparison(eachPair((a, b) => (a !== 0 || b !== 0 ? 1 : 0))),
  Maximum: arithmetic(maximum),
  Minimum: arithmetic(minimum),
  Mod: arithmetic(eachPair(floorMod)),
  Multiply: arithmetic(multiply),
  NotEqual: comparison(notEqual),
  Pow: arithmetic(eachPair((a, b) => a ** b)),
  Prelu: preluKernel,
  RealDiv: arithmetic(divide),
  SegReluGrad: slopeBy(reluGrad),
  SquaredDifference: arithmetic(squaredDifference),
  Sub: arithmetic(subtract),
} satisfies KernelTable
