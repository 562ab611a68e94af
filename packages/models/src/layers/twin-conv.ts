import type { LayerContext, NewBranch, Tensor4D } from '@limbeck/core'
import type { ConvNorm } from './conv-norm.ts'
import { foldBranches } from './fold-branches.ts'
import { withFrozenStatistics } from './frozen-statistics.ts'
import { Layer } from './layer.ts'
import { mixBranches } from './mix-branches.ts'
import { copyState } from './state.ts'

/**
 * Representation compensation (Zhang et al., 2022) at one convolution. While split, the result is the mean of an old
 * branch, whose normalisation keeps its running statistics when it remembers, and a new one, which starts as its
 * copy. Merging folds both into one, exactly in the modes `eval` and `frozen-statistics`, because nothing non-linear
 * lies inside. See `TwinBranches` for what stays of the new branch.
 */
export class TwinConv extends Layer {
  readonly old: ConvNorm
  /** There while split. */
  new: ConvNorm | undefined
  mixing = false
  oldLearns = false
  readonly #create: () => ConvNorm

  /** `create` makes a branch, always of the same shapes. */
  constructor(create: () => ConvNorm) {
    super()
    this.old = create()
    this.new = undefined
    this.#create = create
  }

  split({ oldBranch }: { readonly oldBranch: 'remembers' | 'learns' } = { oldBranch: 'remembers' }): void {
    if (this.new) return
    this.new = this.#create()
    copyState(this.old, this.new)
    this.oldLearns = oldBranch === 'learns'
  }

  merge({ newBranch }: { readonly newBranch: NewBranch } = { newBranch: 'drop' }): void {
    if (!this.new) return
    foldBranches(this.old, this.new)
    this.oldLearns = false
    if (newBranch === 'keep') return
    this.new.dispose()
    this.new = undefined
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    if (!this.new) return this.old.forward(x, context)
    const old = this.old.forward(x, this.oldLearns ? context : withFrozenStatistics(context))
    return mixBranches(old, this.new.forward(x, context), this.mixing ? context : undefined)
  }
}
