import type { AdamAttrs } from '../backend/contract.ts'
import { overwrite } from '../engine.ts'
import { type Tensor, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

/**
 * One update of many parameters by Adam or AdamW, in place, as PyTorch's: m and v are exponential means of g and g²,
 * corrected for their start at 0; p ← p − rate·m̂ / (√v̂ + ε). Decay is added to g (Adam), or shrinks p by rate·decay
 * first (AdamW, `decoupled`).
 */
export const adamUpdateOp = defineOp<Record<string, Tensor | undefined>, 'SegAdam'>({
  kernel: 'SegAdam',
  composite(inputs, attrs) {
    for (let i = 0; i < attrs.count; i++) updateOne(inputs, attrs, i)
    return []
  },
})

function updateOne(
  inputs: Readonly<Record<string, Tensor | undefined>>,
  { learningRates, weightDecays, beta1, beta2, epsilon, step, decoupled }: AdamAttrs,
  i: number,
): void {
  const [p, m, v] = [inputs[`p${i}`]!, inputs[`m${i}`]!, inputs[`v${i}`]!]
  const rate = learningRates[i]!
  const decay = weightDecays[i]!
  const scaled = inputs.gradScale ? tf.mul(inputs[`g${i}`]!, inputs.gradScale) : inputs[`g${i}`]!
  const g = decoupled ? scaled : tf.add(scaled, tf.mul(p, decay))
  const mean = tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1))
  const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2))
  const corrected = tf.div(mean, 1 - beta1 ** step)
  const deviation = tf.add(tf.sqrt(tf.div(square, 1 - beta2 ** step)), epsilon)
  const shrunk = decoupled ? tf.mul(p, 1 - rate * decay) : p
  const next = tf.sub(shrunk, tf.mul(tf.div(corrected, deviation), rate))
  overwrite(m, tf.keep(mean))
  overwrite(v, tf.keep(square))
  overwrite(p, tf.keep(next))
}
