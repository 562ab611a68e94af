import type { DatasetClass } from '@limbeck/core'
import { paletteColor } from '../render/palette.ts'

/** Classes of a set from their names, the first with id 0; colours by name where the set has its own. */
export const classTable = (
  names: readonly string[],
  colors: Readonly<Record<string, DatasetClass['color']>> = {},
): DatasetClass[] =>
  names.map((name, id) => ({
    id,
    name,
    color: Object.hasOwn(colors, name) ? colors[name]! : paletteColor(id),
  }))
