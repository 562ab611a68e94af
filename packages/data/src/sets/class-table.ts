import { DataError, type DatasetClass, IGNORE_LABEL } from '@limbeck/core'
import { paletteColor } from '../render/palette.ts'

/**
 * Classes of a set from their names, the first with id 0; colours by name where the set has its own. Throws `DataError`
 * for more classes than a byte has ids besides the one that is ignored.
 */
export function classTable(
  names: readonly string[],
  colors: Readonly<Record<string, DatasetClass['color']>> = {},
): DatasetClass[] {
  if (names.length > IGNORE_LABEL) {
    throw new DataError('data/classes', 'too many classes', {
      expected: `at most ${IGNORE_LABEL}`,
      received: String(names.length),
    })
  }
  return names.map((name, id) => ({
    id,
    name,
    color: Object.hasOwn(colors, name) ? colors[name]! : paletteColor(id),
  }))
}

/** Where a set's files hold the class ids themselves: each id stands for itself. */
export const ownIds = (classes: readonly DatasetClass[]): ReadonlyMap<number, number> =>
  new Map(classes.map(({ id }) => [id, id]))
