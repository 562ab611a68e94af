import type { Progress, Weight } from '@limbeck/core'

/**
 * A weight that grows smoothly over the first `share` of a task, weight · exp(−5 (1 − t)²) with t from 0 to 1, and
 * then stays (Laine & Aila, 2017). It starts at weight · e⁻⁵, not at 0; a share of 0 is a constant weight.
 */
export const rampUp = (weight: number, share: number): Weight =>
  share === 0
    ? weight
    : ({ fraction }: Progress) => weight * Math.exp(-5 * (1 - Math.min(fraction / share, 1)) ** 2)
