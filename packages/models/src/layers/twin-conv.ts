import { type LayerContext, type Tensor, type Tensor4D, tf } from '@limbeck/core'
import type { ConvNorm } from './conv-norm.ts'
import { foldBranches } from './fold-branches.ts'
import { withFrozenStatistics } from './frozen-statistics.ts'
import { Layer } from './layer.ts'
import { copyState } from './state.ts'

/** Shares of the old branch that channel drop chooses from: the old alone, both, the new alone. */
const SHARES = [1, 1 / 2, 0]

/**
 * Representation compensation (Zhang et al., 2022) at one convolution. While split, the result is the mean of an old
 * branch, whose normalisation keeps its running statistics, and a new one, which starts as its copy. Merging folds
 * both into one, exactly in the modes `eval` and `frozen-statistics`, because nothing non-linear lies inside.
 *
 * Neither split nor merge changes the function. In the official code a merge does: the mean of both becomes the old
 * branch and the new one is kept, so that ½ + ½ turns into ¼ + ¾ at the start of a task.
 */
export class TwinConv extends Layer {
  readonly old: ConvNorm
  /** There between `split` and `merge`. */
  new: ConvNorm | undefined
  readonly #create: () => ConvNorm
  readonly #channelDrop: boolean

  /**
   * `create` makes a branch, always of the same shapes. With `channelDrop`, in mode `train` with a random source, an
   * output channel comes from one branch, from the other or from both with equal chance.
   */
  constructor(create: () => ConvNorm, { channelDrop }: { readonly channelDrop: boolean }) {
    super()
    this.old = create()
    this.new = undefined
    this.#create = create
    this.#channelDrop = channelDrop
  }

  split(): void {
    if (this.new) return
    this.new = this.#create()
    copyState(this.old, this.new)
  }

  merge(): void {
    if (!this.new) return
    foldBranches(this.old, this.new)
    this.new.dispose()
    this.new = undefined
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    if (!this.new) return this.old.forward(x, context)
    const old = this.old.forward(x, withFrozenStatistics(context))
    const learnt = this.new.forward(x, context)
    return tf.add(learnt, tf.mul(tf.sub(old, learnt), this.#oldShare(old.shape[3], context)))
  }

  /** How much of each channel [C] comes from the old branch. */
  #oldShare(channels: number, { mode, random }: LayerContext): Tensor | number {
    if (!this.#channelDrop || mode !== 'train' || random === undefined) return 1 / 2
    return tf.tensor1d(Array.from({ length: channels }, () => random.pick(SHARES)))
  }
}
