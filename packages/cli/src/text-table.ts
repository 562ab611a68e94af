export interface TextTableOptions {
  /** Where the columns after the first are aligned. Default `right`, for numbers. */
  readonly align?: 'left' | 'right'
  /** Spaces before each row. */
  readonly indent?: number
}

const GAP = '  '

/** Rows of cells as lines with aligned columns; the first column is aligned left. */
export function textTable(
  rows: readonly (readonly string[])[],
  { align = 'right', indent = 0 }: TextTableOptions = {},
): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 || align === 'left' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    ),
  )
  return lines.map((cells) => `${' '.repeat(indent)}${cells.join(GAP)}`.trimEnd()).join('\n')
}
