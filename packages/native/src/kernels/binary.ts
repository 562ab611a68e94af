import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import { broadcastStrides, mergeAxes } from '@limbeck/core/kernels'
import { axesOf, type NativeBackend } from '../backend.ts'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** y = op(a, b), broadcast to one shape, for operands of a dtype that the op takes. */
export function combine(
  backend: NativeBackend,
  op: string,
  a: TensorInfo,
  b: TensorInfo,
  dtype: DataType,
): TensorInfo {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const y = backend.empty(shape, dtype)
  const merged = mergeAxes({
    shape,
    strides: [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)],
  })
  const [aStrides, bStrides] = merged.strides as [number[], number[]]
  backend.run(
    'binary',
    { a, b, y },
    {
      op: backend.binaryOp(op),
      from: dtypeCode(a),
      to: dtypeCode(y),
      ...axesOf(merged.shape),
      aStrides,
      bStrides,
    },
  )
  return y
}

/** In the wider dtype of both, then to that of `a`, as tfjs's kernels; bools are computed as int32. */
const arithmetic =
  (op: string): NativeKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) => {
    const dtype = numericDtype(tf.upcastType(a.dtype, b.dtype))
    return converted(backend, combined(backend, op, [a, b], dtype, dtype), a.dtype)
  }

/** Through float32, for ops that have no integer form. */
const floating =
  (op: string): NativeKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) =>
    converted(backend, combined(backend, op, [a, b], 'float32', 'float32'), a.dtype)

const comparison =
  (op: string): NativeKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) =>
    combined(backend, op, [a, b], numericDtype(tf.upcastType(a.dtype, b.dtype)), 'bool')

const logical =
  (op: string): NativeKernel<Inputs<'a' | 'b'>> =>
  ({ a, b }, _attrs, backend) =>
    combined(backend, op, [a, b], 'bool', 'bool')

const slopeBy =
  (op: string): NativeKernel<Inputs<'dy' | 'y'>> =>
  ({ dy, y }, _attrs, backend) =>
    combined(backend, op, [dy, y], 'float32', 'float32')

const prelu: NativeKernel<Inputs<'x' | 'alpha'>> = ({ x, alpha }, _attrs, backend) =>
  combined(backend, 'prelu', [x, alpha], 'float32', 'float32')

const combined = (
  backend: NativeBackend,
  op: string,
  [a, b]: readonly [TensorInfo, TensorInfo],
  from: DataType,
  to: DataType,
): TensorInfo => combine(backend, op, converted(backend, a, from), converted(backend, b, from), to)

/** Elementwise kernels of two inputs. */
export const binaryKernels = {
  Add: arithmetic('add'),
  Atan2: floating('atan2'),
  EluGrad: slopeBy('eluGrad'),
  Equal: comparison('equal'),
  FloorDiv: arithmetic('floorDiv'),
  Greater: comparison('greater'),
  GreaterEqual: comparison('greaterEqual'),
  Less: comparison('less'),
  LessEqual: comparison('lessEqual'),
  LogicalAnd: logical('logicalAnd'),
  LogicalOr: logical('logicalOr'),
  Maximum: arithmetic('maximum'),
  Minimum: arithmetic('minimum'),
  Mod: arithmetic('mod'),
  Multiply: arithmetic('multiply'),
  NotEqual: comparison('notEqual'),
  Pow: arithmetic('pow'),
  Prelu: prelu,
  RealDiv: floating('realDiv'),
  SegReluGrad: slopeBy('reluGrad'),
  SquaredDifference: arithmetic('squaredDifference'),
  Sub: arithmetic('sub'),
} satisfies KernelTable
