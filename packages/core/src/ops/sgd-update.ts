import type { SgdAttrs } from '../backend/contract.ts'
import { overwrite } from '../engine.ts'
import { type Tensor, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

/**
 * One update of many parameters by SGD, in place, as PyTorch's: g ← g·gradScale + decay·p; m ← momentum·m + g (m ← g at
 * the first update); p ← p − rate·(nesterov ? g + momentum·m : m).
 */
export const sgdUpdateOp = defineOp<Record<string, Tensor | undefined>, 'SegSgd'>({
  kernel: 'SegSgd',
  composite(inputs, attrs) {
    for (let i = 0; i < attrs.count; i++) updateOne(inputs, attrs, i)
    return []
  },
})

function updateOne(
  inputs: Readonly<Record<string, Tensor | undefined>>,
  { learningRates, weightDecays, momentum, nesterov, first }: SgdAttrs,
  i: number,
): void {
  const p = inputs[`p${i}`]!
  const buffer = inputs[`m${i}`]
  const scaled = inputs.gradScale ? tf.mul(inputs[`g${i}`]!, inputs.gradScale) : inputs[`g${i}`]!
  const g = tf.add(scaled, tf.mul(p, weightDecays[i]!))
  let direction = g
  if (buffer) {
    const m = first ? tf.clone(g) : tf.add(tf.mul(buffer, momentum), g)
    direction = nesterov ? tf.add(g, tf.mul(m, momentum)) : m
    const next = tf.sub(p, tf.mul(direction, learningRates[i]!))
    overwrite(buffer, tf.keep(m))
    overwrite(p, tf.keep(next))
    return
  }
  overwrite(p, tf.keep(tf.sub(p, tf.mul(direction, learningRates[i]!))))
}
