import { type Dataset, type DatasetClass, IGNORE_LABEL } from '@limbeck/core'
import { type LabelTable, viewSplit } from '@limbeck/data'

/** A table that ignores every class but those that are entered into it. */
export const ignoringTable = (): LabelTable => new Uint8Array(256).fill(IGNORE_LABEL)

/** The same images in every split, with other classes. */
export const relabelDataset = (
  dataset: Dataset,
  { table, classes }: { readonly table: LabelTable; readonly classes: readonly DatasetClass[] },
): Dataset => ({
  ...dataset,
  classes,
  splits: new Map(
    [...dataset.splits].map(([name, split]) => [name, viewSplit(split, table, [...split.ids.keys()])]),
  ),
})
