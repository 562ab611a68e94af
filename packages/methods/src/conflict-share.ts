import { defineLoss, list, logits, tf } from '@limbeck/core'
import { conflictMask } from '@limbeck/losses'

/** For the log: the share of pixels [B,H,W] that more than one single-organ teacher [B,H,W,2] claims. */
export const conflictShare = defineLoss({
  name: 'conflict-share',
  summary: 'Share of pixels that several single-organ teachers claim.',
  inputs: { teachers: list(logits({ target: true })) },
  options: {},
  compute: ({ teachers }) => tf.mean(conflictMask(teachers)),
})
