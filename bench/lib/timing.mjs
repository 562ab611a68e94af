// What the benchmarks share: medians, and a table that lines up.

/** Seconds of each run after one that is not counted. */
export function time(runs, work) {
  work()
  return Array.from({ length: runs }, () => {
    const start = performance.now()
    work()
    return (performance.now() - start) / 1000
  })
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const printTable = (rows) => console.log(formatTable(rows))

/** Rows of one object each, under the names of its keys. */
export function formatTable(rows) {
  const columns = Object.keys(rows[0])
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => String(row[column]).length)),
  )
  const line = (cells) =>
    cells
      .map((cell, i) => String(cell).padEnd(widths[i]))
      .join('  ')
      .trimEnd()
  return [
    line(columns),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n')
}
