import { formatShape, LimbeckError, Random, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { onBackend } from './on-backend.ts'

/** A tensor as a gradient check takes it: values in row-major order. */
export interface GradcheckInput {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
  /** `int32` for labels and indices, which are passed on and not differentiated. Default `float32`. */
  readonly dtype?: 'float32' | 'int32'
}

export interface GradcheckOptions {
  /** A backend that stores floats in 64 bits. Default `ref64`. */
  readonly backend?: string
  /** Largest error allowed, relative to the largest entry of the input's gradient. Default 1e-7. */
  readonly tolerance?: number
  /** Positions of the inputs that receive gradient; the others are passed on. Default: every float input. */
  readonly only?: readonly number[] | undefined
  /** Seed of the weights that turn the output into one number. */
  readonly seed?: number
}

/** The worst entry of a gradient check. */
export interface GradcheckReport {
  /** |analytic − numeric|, less what rounding makes of the difference, over the input's largest entry. */
  readonly error: number
  readonly tolerance: number
  /** Which input, by position. */
  readonly input: number
  readonly index: readonly number[]
  readonly analytic: number
  readonly numeric: number
}

/** A way to estimate a slope: a step relative to max(1, |x|), and whether to extrapolate from two steps. */
interface Look {
  readonly step: number
  readonly extrapolated: boolean
}

/** Where the truncation of a central difference (h²) and its rounding (ε/h) are alike. */
const CENTRAL_STEP = Math.cbrt(Number.EPSILON)

/** Where the truncation of an extrapolated difference (h⁴) and its rounding are alike. */
const EXTRAPOLATED_STEP = Number.EPSILON ** (1 / 5)

/** Brings a kink that lies within a step outside, except by a rare chance. */
const CLOSER = 32

/** The first look at every entry; it costs two runs. */
const FIRST_LOOK: Look = { step: CENTRAL_STEP, extrapolated: false }

/** Looks at entries that the first one finds wrong; they cost up to four runs each. */
const CLOSER_LOOKS: readonly Look[] = [
  { step: EXTRAPOLATED_STEP, extrapolated: true },
  { step: CENTRAL_STEP, extrapolated: true },
  { step: CENTRAL_STEP / CLOSER, extrapolated: false },
]

/** Roundings that each term of the loss is taken to contain. */
const ROUNDINGS = 16

/**
 * Compares the gradients of `f` with central differences in float64 and returns the worst entry.
 *
 * `f` may return a tensor of any shape; it is multiplied by random weights w and summed to a loss L = Σ wᵢyᵢ, so that
 * every output entry counts. Every entry of every float input is moved, which runs `f` twice an entry: keep shapes
 * small.
 *
 * What a difference D(h) = (L(x + h) − L(x − h)) / 2h gets wrong, and what is done about it:
 *
 * - rounding. Each term wᵢyᵢ bears some roundings of its own size, however much of the sum cancels, so L is known to
 *   about 16·ε·Σ|wᵢyᵢ| and D(h) to that over h. This much is never counted as an error.
 * - truncation, L‴h²/6. The first look takes h = ∛ε, 6e-6, where both are alike, about 4e-11.
 * - a kink nearer than h.
 *
 * An entry that the first look finds wrong is looked at again: with Richardson's extrapolation (4·D(h) − D(2h)) / 3,
 * whose truncation is of order h⁴, at h = ε^⅕, 7e-4, where rounding is 120 times smaller, for gradients that are
 * small beside the loss, and at h = ∛ε, for functions that bend within 7e-4, such as normalisation by a small
 * variance; and with D(∛ε / 32), which leaves kinks outside. An entry is right if one look agrees with it: each
 * estimates the same slope, and a gradient that is wrong by more than the last look's rounding, 2e-8·Σ|wᵢyᵢ|, stays
 * wrong in all of them, as does an input that lies on a kink.
 *
 * Throws `LimbeckError` (`gradcheck/mismatch`) when the error is above the tolerance.
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly GradcheckInput[],
  { backend = 'ref64', tolerance = 1e-7, only, seed = 1 }: GradcheckOptions = {},
): GradcheckReport {
  return onBackend(backend, () => {
    const y = tf.tidy(() => f(...inputs.map(toTensor)))
    const random = new Random(seed).fork('gradcheck')
    const weights = toTensor({ shape: y.shape, values: normals(y.shape, random) })
    const rounding = tf.tidy(() => tf.sum(tf.abs(tf.mul(y, weights))).dataSync()[0]!)
    const loss: Loss = (...xs) => tf.sum(tf.mul(f(...xs), weights))
    const report = compare(loss, inputs, {
      tolerance,
      noise: ROUNDINGS * Number.EPSILON * rounding,
      moved: (input) => isFloat(inputs[input]!) && (only?.includes(input) ?? true),
    })
    if (!(report.error <= tolerance)) throw mismatch(report, inputs[report.input]!)
    return report
  })
}

type Loss = (...inputs: Tensor[]) => tf.Scalar

function compare(
  loss: Loss,
  inputs: readonly GradcheckInput[],
  {
    tolerance,
    noise,
    moved,
  }: { readonly tolerance: number; readonly noise: number; moved(input: number): boolean },
): GradcheckReport {
  const analytic = gradientsOf(loss, inputs)
  let worst: GradcheckReport = { error: 0, tolerance, input: 0, index: [], analytic: 0, numeric: 0 }
  for (const [input, { shape }] of inputs.entries()) {
    if (!moved(input)) continue
    const slope = slopesOf(loss, inputs, { input, noise })
    const gradient = analytic[input]!
    const first = gradient.map((_, entry) => slope(entry, FIRST_LOOK))
    const sizes = [...gradient, ...first.map(({ value }) => value)].map(Math.abs)
    const scale = Math.max(...sizes, Number.MIN_VALUE)
    for (const [entry, actual] of gradient.entries()) {
      const judge = ({ value, noise }: Slope) => ({
        // a NaN stays one, and is worse than any number
        error: Math.abs(actual - value) <= noise ? 0 : (Math.abs(actual - value) - noise) / scale,
        numeric: value,
      })
      let judged = judge(first[entry]!)
      for (const look of CLOSER_LOOKS) {
        if (judged.error <= tolerance) break
        judged = judge(slope(entry, look))
      }
      if (!(judged.error <= worst.error)) {
        const index = tf.util.indexToLoc(entry, shape.length, tf.util.computeStrides([...shape]))
        worst = { ...judged, tolerance, input, index, analytic: actual }
      }
    }
  }
  return worst
}

/** One gradient per input, zero where the loss does not depend on it. */
function gradientsOf(loss: Loss, inputs: readonly GradcheckInput[]): number[][] {
  const xs = inputs.map(toTensor)
  const { gradients } = valueAndGradients(() => ({ loss: loss(...xs) }), xs)
  return gradients.map((gradient, i) =>
    gradient ? Array.from(gradient.dataSync()) : new Array<number>(xs[i]!.size).fill(0),
  )
}

interface Slope {
  readonly value: number
  /** How much of it may be rounding of the loss, which is all there is where the gradient is 0. */
  readonly noise: number
}

/** Estimates the slope of the loss by one entry of an input. */
function slopesOf(
  loss: Loss,
  inputs: readonly GradcheckInput[],
  { input, noise }: { readonly input: number; readonly noise: number },
): (entry: number, look: Look) => Slope {
  const values = Float64Array.from(inputs[input]!.values)
  const others = inputs.map(toTensor)
  const at = (entry: number, value: number) => {
    const center = values[entry]!
    values[entry] = value
    const moved = () => loss(...others.with(input, toTensor({ ...inputs[input]!, values })))
    const result = tf.tidy(() => moved().dataSync()[0]!)
    values[entry] = center
    return result
  }
  const central = (entry: number, step: number): Slope => {
    const center = values[entry]!
    const reach = step * Math.max(1, Math.abs(center))
    // the distance between the stored points, which rounding makes differ from 2·reach
    const [high, low] = [center + reach, center - reach]
    return { value: (at(entry, high) - at(entry, low)) / (high - low), noise: (2 * noise) / (high - low) }
  }
  return (entry, { step, extrapolated }) => {
    const near = central(entry, step)
    if (!extrapolated) return near
    const far = central(entry, 2 * step)
    return { value: (4 * near.value - far.value) / 3, noise: (4 * near.noise + far.noise) / 3 }
  }
}

const isFloat = ({ dtype = 'float32' }: GradcheckInput): boolean => dtype === 'float32'

/** tfjs's public functions refuse a Float64Array; the engine below them takes it as it is. */
function toTensor({ shape, values, dtype = 'float32' }: GradcheckInput): Tensor {
  const data = dtype === 'float32' ? Float64Array.from(values) : Int32Array.from(values)
  return tf.engine().makeTensor(data as tf.backend_util.BackendValues as Float32Array, [...shape], dtype)
}

const normals = (shape: readonly number[], random: Random): number[] =>
  Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => random.normal())

function mismatch(report: GradcheckReport, { shape }: GradcheckInput): LimbeckError {
  const { error, tolerance, input, index, analytic, numeric } = report
  return new LimbeckError(
    'gradcheck/mismatch',
    `gradient of input ${input} ${formatShape(shape)} at ${formatShape(index)}: relative error ${error.toExponential(1)}, tolerance ${tolerance}`,
    { expected: `${numeric} (central difference)`, received: `${analytic}` },
  )
}
