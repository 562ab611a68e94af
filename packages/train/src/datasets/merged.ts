import { ConfigError, type DatasetClass, defineDataset, type Registry, unknownName, z } from '@limbeck/core'
import { ignoringTable, relabelDataset } from './relabel-dataset.ts'
import { openChoice, setChoice } from './set-choice.ts'

/**
 * Another data set with some of its classes taken for one: `classes: { epithelial: [healthy, dysplastic] }`. Classes
 * that are named nowhere stay as they are. `classes: foreground` takes all of them for one class, `foreground`.
 */
export const merged = (registry: () => Registry) =>
  defineDataset({
    name: 'merged',
    summary: 'Another data set with some of its classes taken for one, or all of them for "foreground".',
    options: {
      of: setChoice.describe('the data set'),
      classes: z
        .union([z.literal('foreground'), z.record(z.string(), z.array(z.string()).min(1))])
        .describe('"foreground", or by new name the classes that become it'),
    },
    async open({ options, directory }) {
      const dataset = await openChoice(options.of, { registry: registry(), directory, where: 'merged.of' })
      const { classes, table } = mergeClasses(dataset.classes, options.classes)
      return relabelDataset(dataset, { classes, table })
    },
  })

/** The new classes, numbered in the order in which the old ones first bring them, and how labels become theirs. */
function mergeClasses(
  classes: readonly DatasetClass[],
  merges: 'foreground' | Readonly<Record<string, readonly string[]>>,
) {
  const newNames = merges === 'foreground' ? foregroundNames(classes) : namesByOld(classes, merges)
  const result = new Map<string, DatasetClass>()
  const table = ignoringTable()
  for (const { id, name, color } of [...classes].sort((a, b) => a.id - b.id)) {
    const newName = newNames.get(name) ?? name
    const known = result.get(newName) ?? { id: result.size, name: newName, color }
    result.set(newName, known)
    table[id] = known.id
  }
  return { classes: [...result.values()], table }
}

const foregroundNames = (classes: readonly DatasetClass[]): Map<string, string> =>
  new Map(classes.filter(({ id }) => id !== 0).map(({ name }) => [name, 'foreground']))

function namesByOld(
  classes: readonly DatasetClass[],
  merges: Readonly<Record<string, readonly string[]>>,
): Map<string, string> {
  const known = classes.map(({ name }) => name)
  const newNames = new Map<string, string>()
  for (const [newName, old] of Object.entries(merges)) {
    for (const name of old) {
      const where = `merged.classes.${newName}`
      if (!known.includes(name)) {
        throw unknownName('data/unknown-class', `${where}: no class is named "${name}"`, name, known)
      }
      if (newNames.has(name)) {
        throw new ConfigError('data/merged-twice', `${where}: class "${name}" is merged twice`)
      }
      newNames.set(name, newName)
    }
  }
  return newNames
}
