import { DataError } from '@limbeck/core'
import { columnOf, numbersOf, readCsv } from '../formats/csv.ts'
import type { NuclsAnnotation } from './nucls-mask.ts'

/**
 * The nuclei of a NuCLS table: `xmin`, `ymin`, `xmax`, `ymax` in pixels of the image, and `type`, how they were
 * annotated. Throws `DataError` or `FormatError` naming the file.
 */
export async function readNuclsTable(file: string): Promise<NuclsAnnotation[]> {
  const table = await readCsv(file)
  const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => numbersOf(table, name))
  return columnOf(table, 'type').map((type, row) => {
    if (type !== 'polyline' && type !== 'rectangle') {
      throw new DataError('data/annotation', `${file}: row ${row + 2} is of an unknown type`, {
        expected: 'polyline or rectangle',
        received: JSON.stringify(type),
      })
    }
    return {
      left: left![row]!,
      top: top![row]!,
      right: right![row]!,
      bottom: bottom![row]!,
      outlined: type === 'polyline',
    }
  })
}
