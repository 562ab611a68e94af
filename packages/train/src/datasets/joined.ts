import {
  ConfigError,
  DataError,
  type Dataset,
  type DatasetClass,
  defineDataset,
  IGNORE_LABEL,
  type Registry,
  type Split,
  unknownName,
  z,
} from '@limbeck/core'
import { joinSplits } from '@limbeck/data'
import { ignoringTable, relabelDataset } from './relabel-dataset.ts'
import { openChoice, setChoice } from './set-choice.ts'

const BACKGROUND = 0

/**
 * Several data sets as one, such as one set an organ. Its classes are those of all sets, joined by name in the order
 * in which they first come. A set that does not label all of them does not know what its background holds: `unknown`
 * says whether these pixels are ignored or stay background.
 */
export const joined = (registry: () => Registry) =>
  defineDataset({
    name: 'joined',
    summary: 'Several data sets as one; classes are joined by name, each set may label some of them only.',
    options: {
      sets: z.record(z.string().regex(/^[^/]+$/), setChoice).describe('data sets by a name of your own'),
      splits: z
        .record(z.string(), z.array(z.string()).min(1))
        .optional()
        .describe(
          'by name, what a split holds: "set/split", or "set/*"; default: splits of one name together',
        ),
      unknown: z
        .enum(['ignore', 'background'])
        .default('ignore')
        .describe('what the background of a set is that labels some of the classes only'),
    },
    async open({ options, directory }): Promise<Dataset> {
      const sets = await Promise.all(
        Object.entries(options.sets).map(async ([name, choice]) => {
          const at = { registry: registry(), directory, where: `joined.sets.${name}` }
          return [name, await openChoice(choice, at)] as const
        }),
      )
      const classes = joinClasses(sets)
      const relabelled = sets.map(
        ([name, set]) => [name, withClasses(set, classes, options.unknown)] as const,
      )
      const parts = withOwnIds(new Map(relabelled))
      const splits = options.splits ?? splitsByName(parts)
      return {
        name: sets.map(([, set]) => set.name).join(' + '),
        classes,
        channels: channelsOf(sets),
        ...stainsOf(sets),
        splits: new Map(
          Object.entries(splits).map(([name, members]) => {
            const found = members.flatMap((member) =>
              membersOf(member, parts, `joined.splits.${name}`).map((split) => ({
                split,
                of: setOf(member),
              })),
            )
            return [
              name,
              joinSplits(
                name,
                found.map(({ split }) => split),
                found.map(({ of }) => of),
              ),
            ]
          }),
        ),
      }
    },
  })

type NamedSets = readonly (readonly [name: string, set: Dataset])[]

function joinClasses(sets: NamedSets): DatasetClass[] {
  const byName = new Map<string, DatasetClass>()
  for (const [name, { classes }] of sets) {
    const sorted = [...classes].sort((a, b) => a.id - b.id)
    const background = byName.values().next().value?.name ?? sorted[0]?.name
    if (sorted[0]?.id !== BACKGROUND || sorted[0].name !== background) {
      throw new ConfigError(
        'data/background',
        `joined.sets.${name}: another background than the first set's`,
        {
          expected: `id 0 for "${background}"`,
          received: `id ${sorted[0]?.id} for "${sorted[0]?.name}"`,
        },
      )
    }
    for (const one of sorted) {
      if (!byName.has(one.name)) byName.set(one.name, { ...one, id: byName.size })
    }
  }
  return [...byName.values()]
}

/** A set whose labels are ids of the joined classes. */
function withClasses(
  set: Dataset,
  classes: readonly DatasetClass[],
  unknown: 'ignore' | 'background',
): Dataset {
  const table = ignoringTable()
  for (const { id, name } of set.classes) table[id] = classes.find((one) => one.name === name)!.id
  if (set.classes.length < classes.length && unknown === 'ignore') table[BACKGROUND] = IGNORE_LABEL
  return relabelDataset(set, { classes, table })
}

/** Images of two sets may bear the same id, and one image may be in two sets with other labels: ids get names. */
function withOwnIds(sets: ReadonlyMap<string, Dataset>): ReadonlyMap<string, Dataset> {
  const ids = [...sets.values()].flatMap(({ splits }) => [...new Set([...splits.values()].flatMap(idsOf))])
  if (new Set(ids).size === ids.length) return sets
  return new Map([...sets].map(([name, set]) => [name, mapSplits(set, (split) => underName(name, split))]))
}

const idsOf = ({ ids }: Split): readonly string[] => ids

function underName(name: string, split: Split): Split {
  const ids = split.ids.map((id) => `${name}/${id}`)
  return {
    name: split.name,
    ids,
    ...(split.groups && { groups: split.groups }),
    ...(split.sources && { sources: split.sources }),
    read: async (index) => ({ ...(await split.read(index)), id: ids[index]! }),
  }
}

const mapSplits = (set: Dataset, change: (split: Split) => Split): Dataset => ({
  ...set,
  splits: new Map([...set.splits].map(([key, split]) => [key, change(split)])),
})

function splitsByName(sets: ReadonlyMap<string, Dataset>): Record<string, string[]> {
  const splits: Record<string, string[]> = {}
  for (const [name, set] of sets) {
    for (const split of set.splits.keys()) splits[split] = [...(splits[split] ?? []), `${name}/${split}`]
  }
  return splits
}

function membersOf(member: string, sets: ReadonlyMap<string, Dataset>, where: string): readonly Split[] {
  const setName = setOf(member)
  const splitName = member.slice(setName.length + 1)
  const set = sets.get(setName)
  if (!set)
    throw unknownName('data/unknown-set', `${where}: no set is named "${setName}"`, setName, sets.keys())
  if (splitName === '*') return [...set.splits.values()]
  const split = set.splits.get(splitName)
  if (split) return [split]
  const what = `${where}: data set "${setName}" has no split "${splitName}"`
  throw unknownName('data/unknown-split', what, splitName, set.splits.keys())
}

/** The set that "set/split" names. */
const setOf = (member: string): string => member.slice(0, member.indexOf('/'))

/** A model of images that are normalised in part could not be told what to do with another one. */
function stainsOf(sets: NamedSets): Pick<Dataset, 'stains'> {
  const [stains, ...others] = new Set(sets.map(([, set]) => set.stains))
  if (others.length === 0) return stains ? { stains } : {}
  throw new ConfigError(
    'data/stains',
    'joined.sets: the stains of some sets are normalised, of others not so',
    {
      received: sets.map(([name, set]) => `${name}: ${set.stains ?? 'as they are'}`).join(', '),
      hint: 'data.use: stain-normalised of the joined set normalises all of them',
    },
  )
}

function channelsOf(sets: NamedSets): number {
  const channels = sets.map(([name, set]) => `${name}: ${set.channels}`)
  if (new Set(sets.map(([, set]) => set.channels)).size === 1) return sets[0]![1].channels
  throw new DataError('data/channels', 'joined.sets: the sets do not have the same number of channels', {
    received: channels.join(', ') || 'no set',
  })
}
