import { defineMethod } from '@limbeck/core'
import { supervise, supervisionOptions } from './supervision.ts'

/**
 * Plain training on each task in turn: the supervised terms over all channels, nothing that remembers. The lower
 * bound that continual methods are measured against.
 */
export const fineTune = defineMethod({
  name: 'fine-tune',
  summary: 'Trains on each task in turn and does nothing against forgetting.',
  options: supervisionOptions,
  recipe: ({ task, options }) => ({ terms: supervise(task, options) }),
})
