import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import type { Output, RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { broadcastStrides, rowLoop } from './strided.ts'

type Scalar = (a: number, b: number) => number

/** Applies `compute` to each pair of elements of `a` and `b`, broadcast to one shape. */
function combine(
  backend: RefBackend,
  a: TensorInfo,
  b: TensorInfo,
  compute: Scalar,
  dtype: DataType,
): Output {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const output = backend.allocate(shape, dtype)
  const valuesA = backend.values(a)
  const valuesB = backend.values(b)
  const loop = rowLoop(shape, broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape))
  const { rows, length, startsA, startsB, stepA, stepB } = loop
  const to = output.values
  if (to.length === 0) return output
  let at = 0
  for (let row = 0; row < rows; row++) {
    let fromA = startsA[row]!
    let fromB = startsB[row]!
    for (let i = 0; i < length; i++, fromA += stepA, fromB += stepB) {
      to[at++] = compute(valuesA[fromA]!, valuesB[fromB]!)
    }
  }
  return output
}

/** A kernel of two broadcast inputs; the output has the dtype of `a` unless one is given. */
const arithmetic =
  (compute: Scalar, dtype?: DataType): RefKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) =>
    combine(backend, a, b, compute, dtype ?? a.dtype).info

const comparison = (test: (a: number, b: number) => boolean) =>
  arithmetic((a, b) => (test(a, b) ? 1 : 0), 'bool')

/** The remainder with the sign of the divisor, as Python and tfjs. */
function floorMod(a: number, b: number): number {
  const rest = a % b
  return a < 0 === b < 0 ? rest : (rest + b) % b
}

const prelu: RefKernel<Inputs<'x' | 'alpha'>> = ({ x, alpha }, _attrs, backend) =>
  combine(backend, x, alpha, (value, slope) => (value < 0 ? slope * value : value), 'float32').info

const eluGrad: RefKernel<Inputs<'dy' | 'y'>> = ({ dy, y }, _attrs, backend) =>
  combine(backend, dy, y, (slope, value) => (value >= 0 ? slope : slope * (value + 1)), 'float32').info

const reluGrad: RefKernel<Inputs<'dy' | 'y'>> = ({ dy, y }, _attrs, backend) =>
  combine(backend, dy, y, (slope, value) => (value > 0 ? slope : 0), 'float32').info

/** Elementwise kernels of two inputs. NaN spreads through `Maximum` and `Minimum`. */
export const binaryKernels = {
  Add: arithmetic((a, b) => a + b),
  Atan2: arithmetic(Math.atan2),
  EluGrad: eluGrad,
  Equal: comparison((a, b) => a === b),
  FloorDiv: arithmetic((a, b) => Math.floor(a / b)),
  Greater: comparison((a, b) => a > b),
  GreaterEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessEqual: comparison((a, b) => a <= b),
  LogicalAnd: comparison((a, b) => a !== 0 && b !== 0),
  LogicalOr: comparison((a, b) => a !== 0 || b !== 0),
  Maximum: arithmetic(Math.max),
  Minimum: arithmetic(Math.min),
  Mod: arithmetic(floorMod),
  Multiply: arithmetic((a, b) => a * b),
  NotEqual: comparison((a, b) => a !== b),
  Pow: arithmetic((a, b) => a ** b),
  Prelu: prelu,
  RealDiv: arithmetic((a, b) => a / b),
  SegReluGrad: reluGrad,
  SquaredDifference: arithmetic((a, b) => (a - b) * (a - b)),
  Sub: arithmetic((a, b) => a - b),
} satisfies KernelTable
