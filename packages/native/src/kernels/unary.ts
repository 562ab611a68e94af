import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import type { NativeBackend } from '../backend.ts'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Parameters of an operation: alpha, or the limits of `clip`. */
interface Parameters {
  readonly a?: number
  readonly b?: number
}

/** y = op(x), element by element, for an op that takes x's dtype. */
export function mapElements(
  backend: NativeBackend,
  op: string,
  x: TensorInfo,
  dtype: DataType,
  { a = 0, b = 0 }: Parameters = {},
): TensorInfo {
  const y = backend.empty(x.shape, dtype)
  const count = tf.util.sizeFromShape(x.shape)
  backend.run(
    'unary',
    { x, y },
    { op: backend.unaryOp(op), from: dtypeCode(x), to: dtypeCode(y), count },
    { a, b },
  )
  return y
}

const prepared =
  <Attrs>(map: (backend: NativeBackend, x: TensorInfo, attrs: Attrs) => TensorInfo) =>
  ({ x }: Inputs<'x'>, attrs: Attrs, backend: NativeBackend): TensorInfo =>
    map(backend, x, attrs)

/** Keeps the dtype; bools are computed as int32. */
const sameDtype = <Attrs>(
  op: string,
  parameters: (attrs: Attrs) => Parameters = () => ({}),
): NativeKernel<Inputs<'x'>, Attrs> =>
  prepared((backend, x, attrs) => {
    const dtype = numericDtype(x.dtype)
    const y = mapElements(backend, op, converted(backend, x, dtype), dtype, parameters(attrs))
    return converted(backend, y, x.dtype)
  })

const toFloat = <Attrs>(
  op: string,
  parameters: (attrs: Attrs) => Parameters = () => ({}),
): NativeKernel<Inputs<'x'>, Attrs> =>
  prepared((backend, x, attrs) =>
    mapElements(backend, op, converted(backend, x, 'float32'), 'float32', parameters(attrs)),
  )

const toBool = (op: string, from: DataType): NativeKernel<Inputs<'x'>> =>
  prepared((backend, x) => mapElements(backend, op, converted(backend, x, from), 'bool'))

const limits = ({ clipValueMin, clipValueMax }: tf.ClipByValueAttrs): Parameters => ({
  a: clipValueMin,
  b: clipValueMax,
})
const slope = ({ alpha }: { readonly alpha: number }): Parameters => ({ a: alpha })

/** Elementwise kernels of one input. */
export const unaryKernels = {
  Abs: sameDtype('abs'),
  Acos: toFloat('acos'),
  Acosh: toFloat('acosh'),
  Asin: toFloat('asin'),
  Asinh: toFloat('asinh'),
  Atan: toFloat('atan'),
  Atanh: toFloat('atanh'),
  Ceil: sameDtype('ceil'),
  ClipByValue: sameDtype('clip', limits),
  Cos: toFloat('cos'),
  Cosh: toFloat('cosh'),
  Elu: toFloat('elu'),
  Erf: toFloat('erf'),
  Exp: toFloat('exp'),
  Expm1: toFloat('expm1'),
  Floor: sameDtype('floor'),
  IsFinite: toBool('isFinite', 'float32'),
  IsInf: toBool('isInf', 'float32'),
  IsNan: toBool('isNan', 'float32'),
  LeakyRelu: toFloat('leakyRelu', slope),
  Log: toFloat('log'),
  Log1p: toFloat('log1p'),
  LogicalNot: toBool('logicalNot', 'bool'),
  Neg: sameDtype('neg'),
  Reciprocal: toFloat('reciprocal'),
  Relu: sameDtype('relu'),
  Relu6: sameDtype('relu6'),
  Round: sameDtype('round'),
  Rsqrt: toFloat('rsqrt'),
  Selu: toFloat('selu'),
  Sigmoid: toFloat('sigmoid'),
  Sign: sameDtype('sign'),
  Sin: toFloat('sin'),
  Sinh: toFloat('sinh'),
  Softplus: toFloat('softplus'),
  Sqrt: toFloat('sqrt'),
  Square: sameDtype('square'),
  Step: sameDtype('step', slope),
  Tan: toFloat('tan'),
  Tanh: toFloat('tanh'),
} satisfies KernelTable
