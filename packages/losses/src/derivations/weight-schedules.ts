import type { Progress, Weight } from '@limbeck/core'

/** What a schedule counts: epochs or steps of a task, or the share of it that is over, from 0 to 1. */
export type ScheduleUnit = 'epoch' | 'step' | 'fraction'

/** 0 until `from` is reached, `weight` from then on. CDMA opens its unlabelled terms at epoch 15 of 150. */
export const gate =
  (
    weight: number,
    { from, unit = 'epoch' }: { readonly from: number; readonly unit?: ScheduleUnit },
  ): Weight =>
  (progress: Progress) =>
    progress[unit] < from ? 0 : weight

/**
 * Grows as `weight · exp(−5 (1 − t / length)²)` until `length` units of a task have passed, and stays
 * (Laine & Aila, 2017; SSL4MIS). It starts at `weight · e⁻⁵`, not at 0; a length of 0 is a constant weight.
 */
export function sigmoidRampUp(
  weight: number,
  { length, unit = 'epoch' }: { readonly length: number; readonly unit?: ScheduleUnit },
): Weight {
  if (length === 0) return weight
  return (progress: Progress) => weight * Math.exp(-5 * (1 - Math.min(progress[unit] / length, 1)) ** 2)
}

/** Grows in proportion to what has passed of a task, from 0 to `weight` at `length`. */
export function linearRampUp(
  weight: number,
  { length, unit = 'epoch' }: { readonly length: number; readonly unit?: ScheduleUnit },
): Weight {
  if (length === 0) return weight
  return (progress: Progress) => weight * Math.min(progress[unit] / length, 1)
}

/**
 * Decay of an EMA teacher at a step counted from 0: `min(1 − 1 / (step + 1), most)`, so that the first steps average
 * all weights so far and the teacher does not lag behind (Tarvainen & Valpola, 2017).
 */
export const emaDecay = (step: number, { most = 0.99 }: { readonly most?: number } = {}): number =>
  Math.min(1 - 1 / (step + 1), most)
