import { ConfigError, DataError, type DatasetClass, type Split, z } from '@limbeck/core'
import { type GroupedItem, summaryOf } from '@limbeck/data'

/**
 * What images are kept together by when a split is divided: what the data set says they were cut from (`group`),
 * each image alone (`image`), the one or the other as the data set knows (`group-if-known`), or the part of an
 * image's id that a regular expression matches.
 */
export const grouping = z
  .union([
    z.enum(['group', 'group-if-known', 'image']),
    z.strictObject({ id: z.string().describe('regular expression') }),
  ])
  .default('group')

export type Grouping = z.output<typeof grouping>

export interface GroupingOptions {
  readonly by: Grouping
  /** The data set's. */
  readonly classes: readonly Pick<DatasetClass, 'id'>[]
  /** Place of `by` in the config, for errors. */
  readonly where: string
}

/** The images of a split with their groups and, for balance, how many pixels each class has in them. */
export async function groupedItems(
  split: Split,
  { by, classes, where }: GroupingOptions,
): Promise<GroupedItem[]> {
  const groups = groupsOf(split, by, where)
  return Promise.all(
    groups.map(async (group, index) => {
      const { pixels } = await summaryOf(split, index)
      return { group, amounts: classes.map(({ id }) => pixels.get(id) ?? 0) }
    }),
  )
}

function groupsOf(split: Split, by: Grouping, where: string): readonly string[] {
  if (by === 'image') return split.ids
  if (typeof by === 'object') return split.ids.map(matching(by.id, where))
  if (split.groups) return split.groups
  if (by === 'group-if-known') return split.ids
  throw new DataError(
    'protocol/no-groups',
    `${where}: the data set does not say which images come from one patient or slide`,
    {
      hint: "by: { id: '^patient\\d+' } takes the part of an id that matches; by: image if every image stands alone",
    },
  )
}

function matching(source: string, where: string): (id: string) => string {
  let pattern: RegExp
  try {
    pattern = new RegExp(source)
  } catch (cause) {
    throw new ConfigError('config/invalid', `${where}: not a regular expression`, { received: source, cause })
  }
  return (id) => {
    const [match] = pattern.exec(id) ?? []
    if (match) return match
    throw new ConfigError('protocol/no-group', `${where}: the expression does not match image "${id}"`, {
      received: source,
    })
  }
}
