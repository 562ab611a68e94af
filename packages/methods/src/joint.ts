import { defineMethod } from '@limbeck/core'
import { supervise, supervisionOptions } from './supervision.ts'

/**
 * Training on everything at once: each task sees the images of all tasks so far and the labels of all classes so
 * far. The upper bound that continual methods are measured against. A later task goes on from the model of the one
 * before, with fresh weights for its new classes.
 */
export const joint = defineMethod({
  name: 'joint',
  summary: 'Trains on all images and labels so far: what a method without forgetting could reach.',
  options: supervisionOptions,
  sees: 'all',
  recipe: ({ task, options }) => ({ terms: supervise(task, options) }),
})
