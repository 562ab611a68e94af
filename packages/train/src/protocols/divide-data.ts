import { ConfigError, type Dataset, type Split, unknownName } from '@limbeck/core'
import { joinSplits } from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'
import { type DividedSplit, divideIntoFolds, holdOut } from './divide-split.ts'

/** In a config, every split of the data set. */
const EVERY = '*'

/** Names of the data set's splits that a config reads. */
export function splitsRead(dataset: Dataset, config: ExperimentConfig): readonly string[] {
  const { data, protocol } = config
  const divides = protocol.folds !== undefined || protocol.holdout !== undefined
  return [...trainingSplits(dataset, config), ...(divides ? [] : splitNames(dataset, data.validation))]
}

/** Throws where a config names a split that the data set has not, and says which key of the config does. */
export function requireSplits(dataset: Dataset, { data, protocol }: ExperimentConfig): void {
  splitOf(dataset, data.train, 'data.train')
  if (!protocol.folds && !protocol.holdout) splitOf(dataset, data.validation, 'data.validation')
}

/** Names of the splits that a config trains on. */
export const trainingSplits = (dataset: Dataset, { data }: ExperimentConfig): readonly string[] =>
  splitNames(dataset, data.train)

/** The images that a config trains on and measures on: splits of the data set, a fold, or what is held out. */
export async function divideData(
  dataset: Dataset,
  { data, protocol }: ExperimentConfig,
): Promise<DividedSplit> {
  const { folds, holdout } = protocol
  const train = splitOf(dataset, data.train, 'data.train')
  if (folds && holdout) {
    throw new ConfigError('protocol/divided-twice', 'protocol.folds and protocol.holdout exclude each other')
  }
  if (folds) return divideIntoFolds(train, folds, dataset.classes)
  if (holdout) return holdOut(train, holdout, dataset.classes)
  return { train, validation: splitOf(dataset, data.validation, 'data.validation') }
}

/** A split of a data set by name, or several as one; `where` is where the names come from, for errors. */
export function splitOf(dataset: Dataset, names: string | readonly string[], where: string): Split {
  const all = splitNames(dataset, names)
  const splits = all.map((name) => {
    const split = dataset.splits.get(name)
    if (split) return split
    const what = `${where}: data set "${dataset.name}" has no split "${name}"`
    throw unknownName('data/unknown-split', what, name, dataset.splits.keys())
  })
  const [only] = splits
  return only && splits.length === 1 ? only : joinSplits(all.join(' + '), splits)
}

/** What a config or a flag names: a split, several, or `'*'` for all. */
export function splitNames({ splits }: Dataset, names: string | readonly string[]): readonly string[] {
  if (names === EVERY) return [...splits.keys()]
  return typeof names === 'string' ? [names] : names
}
