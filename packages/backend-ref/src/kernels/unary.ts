import { type DataType, tf } from '@limbeck/core'
import { eachOne, mapBlocks, type UnaryLoop } from './blocks.ts'
import { erf } from './erf.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** A kernel that maps each element; `prepare` turns the attributes into a loop once a call. */
function elementwise<Attrs>(
  prepare: (attrs: Attrs) => UnaryLoop,
  dtype?: DataType,
): RefKernel<Inputs<'x'>, Attrs> {
  return ({ x }, attrs, backend) => {
    const { info, values } = backend.allocate(x.shape, dtype ?? x.dtype)
    mapBlocks(backend.values(x), values, prepare(attrs))
    return info
  }
}

const sameDtype = (loop: UnaryLoop) => elementwise(() => loop)
const toFloat = (loop: UnaryLoop) => elementwise(() => loop, 'float32')
const toBool = (test: (x: number) => boolean) => elementwise(() => eachOne((x) => (test(x) ? 1 : 0)), 'bool')

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util

const abs: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.abs(x[i]!)
}
const exp: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.exp(x[i]!)
}
const log: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.log(x[i]!)
}
const negative: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = -x[i]!
}
const reciprocal: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = 1 / x[i]!
}
const relu: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i]!, 0)
}
const relu6: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i]!, 0), 6)
}
const rsqrt: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = 1 / Math.sqrt(x[i]!)
}
const sigmoid: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = 1 / (1 + Math.exp(-x[i]!))
}
/** log(1 + e^x) without overflow. */
const softplus: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i]!, 0) + Math.log1p(Math.exp(-Math.abs(x[i]!)))
}
const sqrt: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = Math.sqrt(x[i]!)
}
const square: UnaryLoop = (x, y, n) => {
  for (let i = 0; i < n; i++) y[i] = x[i]! * x[i]!
}

const clip =
  ({ clipValueMin, clipValueMax }: tf.ClipByValueAttrs): UnaryLoop =>
  (x, y, n) => {
    for (let i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i]!, clipValueMin), clipValueMax)
  }
const leakyRelu =
  ({ alpha }: tf.LeakyReluAttrs): UnaryLoop =>
  (x, y, n) => {
    for (let i = 0; i < n; i++) y[i] = x[i]! < 0 ? alpha * x[i]! : x[i]!
  }
const step =
  ({ alpha }: tf.StepAttrs): UnaryLoop =>
  (x, y, n) => {
    for (let i = 0; i < n; i++) y[i] = Number.isNaN(x[i]) ? Number.NaN : x[i]! > 0 ? 1 : alpha
  }

/** Half to even, as IEEE 754 and tfjs. */
function round(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

/** Elementwise kernels of one input. NaN stays NaN, in `Relu`, `Relu6`, `Step` and `ClipByValue` too. */
export const unaryKernels = {
  Abs: sameDtype(abs),
  Acos: toFloat(eachOne(Math.acos)),
  Acosh: toFloat(eachOne(Math.acosh)),
  Asin: toFloat(eachOne(Math.asin)),
  Asinh: toFloat(eachOne(Math.asinh)),
  Atan: toFloat(eachOne(Math.atan)),
  Atanh: toFloat(eachOne(Math.atanh)),
  Ceil: sameDtype(eachOne(Math.ceil)),
  ClipByValue: elementwise(clip),
  Cos: toFloat(eachOne(Math.cos)),
  Cosh: toFloat(eachOne(Math.cosh)),
  Elu: toFloat(eachOne((x) => (x >= 0 ? x : Math.expm1(x)))),
  Erf: toFloat(eachOne(erf)),
  Exp: toFloat(exp),
  Expm1: toFloat(eachOne(Math.expm1)),
  Floor: sameDtype(eachOne(Math.floor)),
  IsFinite: toBool(Number.isFinite),
  IsInf: toBool((x) => Math.abs(x) === Number.POSITIVE_INFINITY),
  IsNan: toBool(Number.isNaN),
  LeakyRelu: elementwise(leakyRelu, 'float32'),
  Log: toFloat(log),
  Log1p: toFloat(eachOne(Math.log1p)),
  LogicalNot: toBool((x) => x === 0),
  Neg: sameDtype(negative),
  Reciprocal: toFloat(reciprocal),
  Relu: sameDtype(relu),
  Relu6: sameDtype(relu6),
  Round: sameDtype(eachOne(round)),
  Rsqrt: toFloat(rsqrt),
  Selu: toFloat(eachOne((x) => (x >= 0 ? SELU_SCALE * x : SELU_SCALEALPHA * Math.expm1(x)))),
  Sigmoid: toFloat(sigmoid),
  Sign: sameDtype(eachOne((x) => (x > 0 ? 1 : x < 0 ? -1 : 0))),
  Sin: toFloat(eachOne(Math.sin)),
  Sinh: toFloat(eachOne(Math.sinh)),
  Softplus: toFloat(softplus),
  Sqrt: toFloat(sqrt),
  Square: sameDtype(square),
  Step: elementwise(step),
  Tan: toFloat(eachOne(Math.tan)),
  Tanh: toFloat(eachOne(Math.tanh)),
} satisfies KernelTable
