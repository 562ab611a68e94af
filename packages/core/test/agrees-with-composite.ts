import {
  type Op,
  type OpInputs,
  Random,
  type SegKernelName,
  type Tensor,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { expect } from 'vitest'

/** Agreement of two float64 computations of the same thing, relative to the largest entry. */
const TOLERANCE = 1e-9

interface Call<I, A> {
  readonly inputs: I
  readonly attrs: A
  /** The input to differentiate by. */
  readonly wrt: keyof I & string
  /** Outputs that carry gradient; default all. */
  readonly differentiable?: readonly number[]
}

/**
 * Runs an op through its kernels and through its composite on the active backend (`ref64`), and compares every
 * output and the gradient of a random combination of them.
 */
export function expectCompositeAgrees<I extends OpInputs, K extends SegKernelName>(
  op: Op<I, K>,
  { inputs, attrs, wrt, differentiable }: Call<I, Parameters<Op<I, K>>[1]>,
): void {
  const kernels = run(() => op(inputs, attrs), inputs[wrt]!, differentiable)
  const composite = run(() => op.composite(inputs, attrs), inputs[wrt]!, differentiable)
  expect(kernels.length).toBe(composite.length)
  for (const [i, actual] of kernels.entries()) expectClose(actual, composite[i]!)
}

/** The outputs, then the gradient. */
function run(call: () => Tensor[], wrt: Tensor, differentiable?: readonly number[]): ArrayLike<number>[] {
  const results = tf.tidy(() => {
    const random = new Random(7).fork('weights')
    const { value, gradients } = valueAndGradients(() => {
      const outputs = call()
      const chosen = differentiable ? differentiable.map((i) => outputs[i]!) : outputs
      const parts = chosen.map((y) => {
        const weights = Array.from({ length: y.size }, () => random.normal())
        return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)))
      })
      return { loss: tf.addN(parts) as tf.Scalar, ...Object.fromEntries(outputs.entries()) }
    }, [wrt])
    const { loss: _, ...outputs } = value as Record<string, Tensor>
    return [...Object.values(outputs), gradients[0]!]
  })
  return results.map((x) => {
    const values = Array.from(x.dataSync())
    x.dispose()
    return values
  })
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length)
  const scale = Math.max(1, ...Array.from(expected, Math.abs))
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!)
    if (!(error <= TOLERANCE * scale)) expect.fail(`entry ${i}: ${actual[i]} against ${expected[i]}`)
  }
}
