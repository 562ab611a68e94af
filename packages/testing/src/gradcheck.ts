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
  /**
   * Step relative to max(1, |x|). Default ∛ε of float64, 6e-6, where the truncation of central differences (h²) and
   * their rounding (ε/h) are alike, about 4e-11. Inputs must keep this far away from kinks.
   */
  readonly step?: number
  /** Positions of the inputs that receive gradient; the others are passed on. Default: every float input. */
  readonly only?: readonly number[] | undefined
  /** Seed of the weights that turn the output into one number. */
  readonly seed?: number
}

/** Roundings that a difference of two losses is taken to contain. */
const ROUNDINGS = 16

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

const DEFAULT_STEP = Math.cbrt(Number.EPSILON)

/** The second look's step is this much smaller: rounding makes it 32 times less exact, about 2e-9. */
const SECOND_LOOK = 32

/**
 * Compares the gradients of `f` with central differences in float64 and returns the worst entry.
 *
 * `f` may return a tensor of any shape; it is multiplied by random weights and summed, so that every output entry
 * counts. Every entry of every float input is moved, which runs `f` twice an entry: keep shapes small.
 *
 * A kink that lies nearer than the step looks like a wrong gradient. So a mismatch is looked at once more with a step
 * 32 times smaller: the kink is then outside, except by a rare chance or where the input lies on it, while a gradient
 * that is wrong stays wrong.
 *
 * Throws `LimbeckError` (`gradcheck/mismatch`) when the error is above the tolerance.
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly GradcheckInput[],
  { backend = 'ref64', tolerance = 1e-7, step = DEFAULT_STEP, only, seed = 1 }: GradcheckOptions = {},
): GradcheckReport {
  return onBackend(backend, () => {
    const outputShape = tf.tidy(() => f(...inputs.map(toTensor))).shape
    const random = new Random(seed).fork('gradcheck')
    const weights = toTensor({ shape: outputShape, values: normals(outputShape, random) })
    const loss: Loss = (...xs) => tf.sum(tf.mul(f(...xs), weights))
    const first = compare(loss, inputs, { step, tolerance, only })
    const report =
      first.error <= tolerance ? first : compare(loss, inputs, { step: step / SECOND_LOOK, tolerance, only })
    if (!(report.error <= tolerance)) throw mismatch(report, inputs[report.input]!)
    return report
  })
}

type Loss = (...inputs: Tensor[]) => tf.Scalar

function compare(
  loss: Loss,
  inputs: readonly GradcheckInput[],
  {
    step,
    tolerance,
    only,
  }: { readonly step: number; readonly tolerance: number; readonly only: readonly number[] | undefined },
): GradcheckReport {
  const analytic = gradientsOf(loss, inputs)
  let worst: GradcheckReport = { error: 0, tolerance, input: 0, index: [], analytic: 0, numeric: 0 }
  for (const [input, given] of inputs.entries()) {
    if (!isFloat(given) || (only && !only.includes(input))) continue
    const numeric = differences(loss, inputs, input, step)
    const sizes = numeric.map(({ slope }) => Math.abs(slope))
    const scale = Math.max(...sizes, ...analytic[input]!.map(Math.abs), Number.MIN_VALUE)
    for (const [entry, { slope: expected, noise }] of numeric.entries()) {
      const actual = analytic[input]![entry]!
      const beyond = Math.abs(actual - expected) - noise
      const error = beyond <= 0 ? 0 : beyond / scale
      // a NaN is worse than any number
      if (!(error <= worst.error)) {
        const index = tf.util.indexToLoc(entry, given.shape.length, tf.util.computeStrides([...given.shape]))
        worst = { error, tolerance, input, index, analytic: actual, numeric: expected }
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

interface Difference {
  readonly slope: number
  /** How much of the slope may be rounding of the loss, which is all there is where the gradient is 0. */
  readonly noise: number
}

function differences(
  loss: Loss,
  inputs: readonly GradcheckInput[],
  moved: number,
  step: number,
): Difference[] {
  const values = Float64Array.from(inputs[moved]!.values)
  const fixed = inputs.map(toTensor)
  const at = () =>
    tf.tidy(() => loss(...fixed.with(moved, toTensor({ ...inputs[moved]!, values }))).dataSync()[0]!)
  return Array.from(values, (center, entry) => {
    const reach = step * Math.max(1, Math.abs(center))
    // the distance between the stored points, which rounding makes differ from 2·reach
    const [high, low] = [center + reach, center - reach]
    values[entry] = high
    const above = at()
    values[entry] = low
    const below = at()
    values[entry] = center
    const noise = (ROUNDINGS * Number.EPSILON * (Math.abs(above) + Math.abs(below))) / (high - low)
    return { slope: (above - below) / (high - low), noise }
  })
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
