import { ConfigError, type DatasetClass, type Split, z } from '@limbeck/core'
import { selectSamples, splitByGroup } from '@limbeck/data'
import { groupedItems, grouping } from './grouped-items.ts'

/** `protocol.folds`: cross-validation on the images of `data.train`. */
export const foldsSchema = z.strictObject({
  count: z.int().min(2).describe('how many parts the training images are divided into'),
  fold: z
    .union([z.int().nonnegative(), z.literal('all')])
    .default('all')
    .describe('the part to validate on, from 0, while the others train; "all": one run for each'),
  by: grouping.describe('what stays in one part: group, image, or { id: a regular expression }'),
  seed: z.int().nonnegative().default(0).describe("of the division; it does not depend on the run's seed"),
})

/** `protocol.holdout`: a share of the images of `data.train` to validate on, in place of `data.validation`. */
export const holdoutSchema = z.strictObject({
  share: z.number().gt(0).lt(1).describe('of the training images, to validate on'),
  by: grouping.describe('what stays together: group, image, or { id: a regular expression }'),
  seed: z.int().nonnegative().default(0).describe("of the division; it does not depend on the run's seed"),
})

export type Folds = z.output<typeof foldsSchema>
export type Holdout = z.output<typeof holdoutSchema>

/** Training and validation images. */
export interface DividedSplit {
  readonly train: Split
  readonly validation: Split
}

type Classes = readonly Pick<DatasetClass, 'id'>[]

/** One fold to validate on, the others to train on. Groups are never divided, classes balanced where possible. */
export async function divideIntoFolds(
  split: Split,
  { count, fold, by, seed }: Folds,
  classes: Classes,
): Promise<DividedSplit> {
  if (fold === 'all' || fold >= count) {
    throw new ConfigError('protocol/fold', 'protocol.folds.fold: one fold at a time', {
      expected: `0 to ${count - 1}`,
      received: String(fold),
    })
  }
  const shares = Object.fromEntries(Array.from({ length: count }, (_, k) => [`fold ${k}`, 1]))
  const items = await groupedItems(split, { by, classes, where: 'protocol.folds.by' })
  const held = splitByGroup(items, { shares, seed }).get(`fold ${fold}`)
  return divided(split, { held: new Set(held), name: `fold ${fold} of ${split.name}` })
}

/** A share of the images to validate on, the others to train on; divided as folds are. */
export async function holdOut(
  split: Split,
  { share, by, seed }: Holdout,
  classes: Classes,
): Promise<DividedSplit> {
  const items = await groupedItems(split, { by, classes, where: 'protocol.holdout.by' })
  const shares = { train: 1 - share, validation: share }
  const held = splitByGroup(items, { shares, seed }).get('validation')
  return divided(split, { held: new Set(held), name: `what is held out of ${split.name}` })
}

function divided(
  split: Split,
  { held, name }: { readonly held: ReadonlySet<number>; readonly name: string },
): DividedSplit {
  const indexes = [...split.ids.keys()]
  const rest = indexes.filter((index) => !held.has(index))
  const validation = selectSamples(
    split,
    indexes.filter((index) => held.has(index)),
  )
  return { train: selectSamples(split, rest), validation: { ...validation, name } }
}
