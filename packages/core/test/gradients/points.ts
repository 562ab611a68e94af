/** Points at which gradients are checked: random values that keep away from the kinks of what is checked. */
import type { Random } from '@limbeck/core'
import type { GradcheckInput } from '@limbeck/testing'

export type Fill = (lengths: readonly number[], random: Random) => GradcheckInput

const sizeOf = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)

const filled = (lengths: readonly number[], draw: () => number): GradcheckInput => ({
  shape: lengths,
  values: Array.from({ length: sizeOf(lengths) }, draw),
})

export const normal: Fill = (lengths, random) => filled(lengths, () => random.normal())

export const within =
  (low: number, high: number): Fill =>
  (lengths, random) =>
    filled(lengths, () => random.uniform(low, high))

/** Of either sign, 0.1 or more away from 0. */
export const signed: Fill = (lengths, random) =>
  filled(lengths, () => (random.chance(0.5) ? 1 : -1) * random.uniform(0.1, 2))

/** No two within 0.05 of each other, so that no extremum is near a tie. */
export const distinct: Fill = (lengths, random) => {
  const order = random.permutation(sizeOf(lengths))
  const values = order.map((rank) => (rank - order.length / 2) * 0.1 + random.uniform(0, 0.05))
  return { shape: lengths, values }
}

/** Integers in 0..below−1, which are not differentiated. */
export const indices = (lengths: readonly number[], below: number, random: Random): GradcheckInput => ({
  ...filled(lengths, () => random.integer(below)),
  dtype: 'int32',
})
