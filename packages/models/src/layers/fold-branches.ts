import { type Tensor, tf } from '@limbeck/core'
import type { BatchNorm } from './batch-norm.ts'
import type { ConvNorm } from './conv-norm.ts'
import { ConvTranspose2d } from './conv-transpose2d.ts'
import { NORM_EPSILON } from './norm.ts'

/**
 * Puts the mean of two branches into the first, exactly where normalisation uses running statistics.
 *
 * Per channel, branch i gives a_i (W_i x + b_i − μ_i) + β_i / 2 with a_i = γ_i / (2 √(v_i + ε)). So the mean is one
 * convolution Σ a_i W_i with bias Σ a_i b_i, whose running mean is Σ a_i μ_i. Its variance does not follow from those
 * of the branches; it is taken as if they were fully correlated, and γ = √(variance + ε) undoes whatever it is.
 */
export function foldBranches(first: ConvNorm, second: ConvNorm): void {
  tf.tidy(() => {
    const branches = [first, second]
    const gains = branches.map(({ norm }) => (norm ? halfGain(norm) : tf.scalar(1 / 2)))
    const alongOutputs = (gain: Tensor) =>
      first.conv instanceof ConvTranspose2d ? tf.reshape(gain, [-1, 1]) : gain
    const weight = tf.addN(branches.map(({ conv }, i) => tf.mul(conv.weight.tensor, alongOutputs(gains[i]!))))
    const bias = tf.addN(branches.map(({ conv }, i) => tf.mul(conv.bias!.tensor, gains[i]!)))
    if (first.norm && second.norm) foldNorms([first.norm, second.norm], gains)
    first.conv.weight.assign(weight)
    first.conv.bias!.assign(bias)
  })
}

function foldNorms(norms: readonly [BatchNorm, BatchNorm], gains: readonly Tensor[]): void {
  const mean = tf.addN(norms.map((norm, i) => tf.mul(norm.running_mean.tensor, gains[i]!)))
  const deviation = tf.addN(
    norms.map((norm, i) => tf.mul(tf.sqrt(norm.running_var.tensor), tf.abs(gains[i]!))),
  )
  const variance = tf.square(deviation)
  const offset = tf.mul(tf.addN(norms.map(({ bias }) => bias.tensor)), 1 / 2)
  const [first] = norms
  first.weight.assign(tf.sqrt(tf.add(variance, NORM_EPSILON)))
  first.bias.assign(offset)
  first.running_mean.assign(mean)
  first.running_var.assign(variance)
}

/** a = γ / (2 √(v + ε)), by channel. */
const halfGain = ({ weight, running_var }: BatchNorm): Tensor =>
  tf.mul(weight.tensor, tf.mul(tf.rsqrt(tf.add(running_var.tensor, NORM_EPSILON)), 1 / 2))
