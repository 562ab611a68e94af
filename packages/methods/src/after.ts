import type { Weight } from '@limbeck/core'

/** A weight that is 0 until that share of the task is over. */
export const after =
  (share: number, weight: number): Weight =>
  ({ fraction }) =>
    fraction < share ? 0 : weight
