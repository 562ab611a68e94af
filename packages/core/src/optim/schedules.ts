import { z } from 'zod'
import { defineSchedule } from '../plugin/schedule.ts'

/** The learning rate stays as it is. */
export const constant = defineSchedule({
  name: 'constant',
  summary: 'The learning rate stays as it is.',
  options: {},
  create: () => ({ factor: () => 1 }),
})

/** (1 − t)^power over the task's steps: what segmentation has used since DeepLab. */
export const poly = defineSchedule({
  name: 'poly',
  summary: 'Falls as (1 − t)^power over the steps of a task.',
  options: { power: z.number().positive().default(0.9) },
  create: ({ power }) => ({ factor: ({ step, steps }) => (1 - step / Math.max(1, steps)) ** power }),
})

/** Multiplied by `gamma` at each milestone, given as a share of the task. */
export const multiStep = defineSchedule({
  name: 'multi-step',
  summary: 'Multiplied by gamma at each milestone.',
  options: {
    milestones: z
      .array(z.number().min(0).max(1))
      .default([0.5, 0.75])
      .describe('shares of the task at which the rate drops'),
    gamma: z.number().positive().default(0.1),
  },
  create: ({ milestones, gamma }) => ({
    factor: ({ fraction }) => gamma ** milestones.filter((at) => fraction >= at).length,
  }),
})

/** Linear warm-up, then half a cosine down to `floor`. */
export const cosine = defineSchedule({
  name: 'cosine',
  summary: 'Linear warm-up, then half a cosine.',
  options: {
    warmup: z.number().min(0).max(0.9).default(0).describe('share of the task spent warming up'),
    floor: z.number().min(0).max(1).default(0).describe('factor at the end'),
  },
  create: ({ warmup, floor }) => ({
    factor({ step, steps }) {
      const warm = Math.round(warmup * steps)
      if (step < warm) return (step + 1) / warm
      const t = (step - warm) / Math.max(1, steps - warm)
      return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * t))
    },
  }),
})

/** Multiplied by `gamma` when the epoch's loss has not fallen by `threshold` for `patience` epochs. */
export const plateau = defineSchedule({
  name: 'plateau',
  summary: 'Drops when the loss stops falling.',
  options: {
    gamma: z.number().positive().max(1).default(0.8),
    patience: z.int().nonnegative().default(30).describe('epochs without improvement that are borne'),
    threshold: z.number().nonnegative().default(1e-3).describe('absolute improvement that counts'),
  },
  create({ gamma, patience, threshold }) {
    let factor = 1
    let best = Number.POSITIVE_INFINITY
    let waited = 0
    return {
      factor: () => factor,
      observe(value) {
        if (value < best - threshold) {
          best = value
          waited = 0
        } else if (++waited > patience) {
          factor *= gamma
          waited = 0
        }
      },
      // JSON has no infinity
      state: () => ({ factor, waited, ...(Number.isFinite(best) ? { best } : {}) }),
      restore(state) {
        factor = state.factor ?? 1
        waited = state.waited ?? 0
        best = state.best ?? Number.POSITIVE_INFINITY
      },
    }
  },
})
