import { DataError, FormatError } from '@limbeck/core'
import { parse } from 'csv-parse/sync'
import { readText } from '../files/read-whole.ts'

/** Rows of text under named columns. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Names the source in errors. */
  readonly file: string
}

/** A line for each image or object, for a million of them. */
const MOST_BYTES = 2 ** 28

/** Reads comma-separated values (RFC 4180) whose first row names the columns. Throws `FormatError` naming `file`. */
export function parseCsv(text: string, file: string): Table {
  try {
    const records: string[][] = parse(text, { bom: true, trim: true, skip_empty_lines: true })
    const [columns, ...rows] = records
    if (columns) return { columns, rows, file }
  } catch (error) {
    throw new FormatError('csv/malformed', `${file}: ${(error as Error).message}`, { cause: error })
  }
  throw new FormatError('csv/malformed', `${file}: is empty`, {
    expected: 'a row with the names of the columns',
  })
}

/** Reads a file of comma-separated values; see `parseCsv`. */
export const readCsv = async (file: string): Promise<Table> =>
  parseCsv(await readText(file, MOST_BYTES), file)

/** The fields of a column. Throws `DataError` that lists the columns there are. */
export function columnOf({ columns, rows, file }: Table, name: string): string[] {
  const at = columns.indexOf(name)
  if (at >= 0) return rows.map((row) => row[at]!)
  throw new DataError('data/missing-column', `${file}: no column "${name}"`, { received: columns.join(', ') })
}

/** The fields of a column as non-negative whole numbers. Throws `DataError` that names row and column. */
export const countsOf = (table: Table, name: string): number[] =>
  columnOf(table, name).map((field, row) => {
    if (/^\d{1,15}$/.test(field)) return Number(field)
    throw new DataError('data/count', `${table.file}: row ${row + 2}, column "${name}" is not a count`, {
      expected: 'a whole number, 0 or more',
      received: JSON.stringify(field),
    })
  })
