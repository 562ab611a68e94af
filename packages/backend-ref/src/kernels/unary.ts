import { type DataType, tf } from '@limbeck/core'
import { erf } from './erf.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

type Scalar = (x: number) => number

/** A kernel that maps each element; `prepare` turns the attributes into the function once a call. */
function elementwise<Attrs>(
  prepare: (attrs: Attrs) => Scalar,
  dtype?: DataType,
): RefKernel<Inputs<'x'>, Attrs> {
  return ({ x }, attrs, backend) => {
    const compute = prepare(attrs)
    const from = backend.values(x)
    const { info, values } = backend.allocate(x.shape, dtype ?? x.dtype)
    for (let i = 0; i < from.length; i++) values[i] = compute(from[i]!)
    return info
  }
}

const sameDtype = (compute: Scalar) => elementwise(() => compute)
const toFloat = (compute: Scalar) => elementwise(() => compute, 'float32')
const toBool = (test: (x: number) => boolean) => elementwise(() => (x) => (test(x) ? 1 : 0), 'bool')

/** Half to even, as IEEE 754 and tfjs. */
function round(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util

const relu: Scalar = (x) => Math.max(x, 0)
const elu: Scalar = (x) => (x >= 0 ? x : Math.expm1(x))
const leakyRelu =
  ({ alpha }: tf.LeakyReluAttrs): Scalar =>
  (x) =>
    x < 0 ? alpha * x : x
const step =
  ({ alpha }: tf.StepAttrs): Scalar =>
  (x) =>
    Number.isNaN(x) ? Number.NaN : x > 0 ? 1 : alpha
const clip =
  ({ clipValueMin, clipValueMax }: tf.ClipByValueAttrs): Scalar =>
  (x) =>
    x > clipValueMax ? clipValueMax : x < clipValueMin ? clipValueMin : x

/** Elementwise kernels of one input. NaN stays NaN, in `Relu`, `Relu6`, `Step` and `ClipByValue` too. */
export const unaryKernels = {
  Abs: sameDtype(Math.abs),
  Acos: toFloat(Math.acos),
  Acosh: toFloat(Math.acosh),
  Asin: toFloat(Math.asin),
  Asinh: toFloat(Math.asinh),
  Atan: toFloat(Math.atan),
  Atanh: toFloat(Math.atanh),
  Ceil: sameDtype(Math.ceil),
  ClipByValue: elementwise(clip),
  Cos: toFloat(Math.cos),
  Cosh: toFloat(Math.cosh),
  Elu: toFloat(elu),
  Erf: toFloat(erf),
  Exp: toFloat(Math.exp),
  Expm1: toFloat(Math.expm1),
  Floor: sameDtype(Math.floor),
  IsFinite: toBool(Number.isFinite),
  IsInf: toBool((x) => Math.abs(x) === Number.POSITIVE_INFINITY),
  IsNan: toBool(Number.isNaN),
  LeakyRelu: elementwise(leakyRelu, 'float32'),
  Log: toFloat(Math.log),
  Log1p: toFloat(Math.log1p),
  LogicalNot: toBool((x) => x === 0),
  Neg: sameDtype((x) => -x),
  Reciprocal: toFloat((x) => 1 / x),
  Relu: sameDtype(relu),
  Relu6: sameDtype((x) => Math.min(relu(x), 6)),
  Round: sameDtype(round),
  Rsqrt: toFloat((x) => 1 / Math.sqrt(x)),
  Selu: toFloat((x) => (x >= 0 ? SELU_SCALE * x : SELU_SCALEALPHA * Math.expm1(x))),
  Sigmoid: toFloat((x) => 1 / (1 + Math.exp(-x))),
  Sign: sameDtype((x) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
  Sin: toFloat(Math.sin),
  Sinh: toFloat(Math.sinh),
  // log(1 + e^x) without overflow
  Softplus: toFloat((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Sqrt: toFloat(Math.sqrt),
  Square: sameDtype((x) => x * x),
  Step: elementwise(step),
  Tan: toFloat(Math.tan),
  Tanh: toFloat(Math.tanh),
} satisfies KernelTable
