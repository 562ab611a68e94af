import { COMPARED, type Compared, type ComparedGroup, type ComparedRun, type Spread } from './compare-runs.ts'
import { inPercent } from './format.ts'

/** `64.2`, or `64.2 ± 1.3` over several seeds or folds; in per cent. */
export const spreadText = ({ mean, deviation }: Spread): string =>
  deviation === null ? inPercent(mean) : `${inPercent(mean)} ± ${inPercent(deviation)}`

/** A method and what sets it apart: `mib (method.options.kdWeight = 5)`. */
export function groupName({ method, settings }: ComparedGroup): string {
  if (settings.size === 0) return method
  return `${method} (${[...settings].map(([path, value]) => `${path} = ${value}`).join(', ')})`
}

/** What stands in the column of runs: `3 runs, seeds 0, 1, 2`, `5 folds, seed 0`, or the name of a run that is alone. */
export function runsText({ runs }: ComparedGroup): string {
  const [first] = runs
  if (runs.length === 1 && first) return first.name
  const folds = new Set(runs.flatMap(({ fold }) => (fold === undefined ? [] : [fold])))
  const seeds = [...new Set(runs.map(seedText))]
  const seedsText = `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`
  return folds.size > 0 ? `${folds.size} folds, ${seedsText}` : `${runs.length} runs, ${seedsText}`
}

export const seedText = ({ seed }: ComparedRun): string => String(seed ?? '?')

/** The compared value that is better when lower. */
export const lowerIsBetter = (name: Compared): boolean => name === 'forgetting'

/** Index of the best group for each value; undefined where fewer than two groups have it. */
export function bestGroups(groups: readonly ComparedGroup[]): Record<Compared, number | undefined> {
  const best = (name: Compared): number | undefined => {
    const known = [...groups.entries()].flatMap(([index, { values }]) => {
      const { mean } = values[name]
      return mean === null ? [] : [{ index, mean: lowerIsBetter(name) ? -mean : mean }]
    })
    return known.length < 2 ? undefined : known.reduce((a, b) => (b.mean > a.mean ? b : a)).index
  }
  return Object.fromEntries(COMPARED.map((name) => [name, best(name)])) as Record<
    Compared,
    number | undefined
  >
}
