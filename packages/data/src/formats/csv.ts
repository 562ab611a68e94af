import { DataError, FormatError } from '@limbeck/core'
import { parse as parseRecords } from 'csv-parse/sync'
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
    const records: string[][] = parseRecords(text, { bom: true, trim: true, skip_empty_lines: true })
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
  parsedColumn(table, name, (field) => (/^\d{1,15}$/.test(field) ? Number(field) : undefined), {
    what: 'a count',
    expected: 'a whole number, 0 or more',
  })

/** The fields of a column as numbers. Throws `DataError` that names row and column. */
export const numbersOf = (table: Table, name: string): number[] =>
  parsedColumn(
    table,
    name,
    (field) => (field !== '' && Number.isFinite(Number(field)) ? Number(field) : undefined),
    { what: 'a number', expected: 'a number' },
  )

function parsedColumn(
  table: Table,
  name: string,
  parse: (field: string) => number | undefined,
  { what, expected }: { readonly what: string; readonly expected: string },
): number[] {
  return columnOf(table, name).map((field, row) => {
    const value = parse(field)
    if (value !== undefined) return value
    throw new DataError('data/number', `${table.file}: row ${row + 2}, column "${name}" is not ${what}`, {
      expected,
      received: JSON.stringify(field),
    })
  })
}
