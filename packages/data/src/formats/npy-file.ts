import { FormatError, formatShape } from '@limbeck/core'
import { readAt, withFile } from '../files/read-at.ts'
import { decodeNpyNumbers, NPY_HEADER_LIMIT, type NpyHeader, parseNpyHeader } from './npy.ts'
import { elementCount, type NumericArray } from './numeric-array.ts'

/** A `.npy` file of many rows, an image each, of any size: only the row asked for is read. */
export interface NpyFile {
  readonly file: string
  /** `[rows, …]` */
  readonly shape: readonly number[]
  /** Row `index`, of the shape without its first axis; one positioned read. Throws `DataError` naming the file. */
  row(index: number): Promise<NumericArray>
}

/**
 * Opens a `.npy` file of numbers for reading row by row. The file is not held open between reads, so there is nothing
 * to close. Column-major files of several axes are refused: their rows are scattered over the whole file.
 */
export async function openNpy(file: string): Promise<NpyFile> {
  const header = await withFile(file, async (handle) => {
    const { size } = await handle.stat()
    const head = await readAt(handle, { file, start: 0, length: Math.min(size, NPY_HEADER_LIMIT) })
    return parseNpyHeader(head, { file, fileBytes: size })
  })
  const { shape, dataStart, bytesPerElement } = header
  requireRows(header, file)
  const rowShape = shape.slice(1)
  const length = elementCount(rowShape) * bytesPerElement
  return {
    file,
    shape,
    row: (index) =>
      withFile(file, async (handle) => {
        const bytes = await readAt(handle, { file, start: dataStart + index * length, length })
        return { shape: rowShape, data: decodeNpyNumbers(bytes, header, `${file}, row ${index}`) }
      }),
  }
}

function requireRows({ shape, columnMajor }: NpyHeader, file: string): void {
  if (shape.length === 0) {
    throw new FormatError('npy/rows', `${file}: a single number, not rows`, { received: 'shape ()' })
  }
  if (columnMajor && shape.filter((length) => length > 1).length > 1) {
    throw new FormatError(
      'npy/column-major',
      `${file}: is in Fortran order, so that no row lies in one piece`,
      {
        received: `fortran_order: True, ${formatShape(shape)}`,
        hint: 'convert it once in Python: np.save(out, np.ascontiguousarray(np.load(file, mmap_mode="r")))',
      },
    )
  }
}
