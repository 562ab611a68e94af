import { z } from '@limbeck/core'

/** Option of sets that are published in three folds. */
export const foldsOption = z
  .record(z.string(), z.array(z.int().min(1).max(3)).min(1))
  .refine((folds) => {
    const all = Object.values(folds).flat()
    return new Set(all).size === all.length
  }, 'a fold may be in one split only')
  .default({ train: [1], validation: [2], test: [3] })
  .describe('which of the three published folds make each split')

/** The split of each fold that is in one. */
export const splitOfFold = (
  folds: Readonly<Record<string, readonly number[]>>,
): ReadonlyMap<number, string> =>
  new Map(Object.entries(folds).flatMap(([split, numbers]) => numbers.map((fold) => [fold, split] as const)))
