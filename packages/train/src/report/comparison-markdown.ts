import { COMPARED, type Comparison } from './compare-runs.ts'
import { bestGroups, groupName, runsText, spreadText } from './comparison-table.ts'

/** A comparison as a Markdown table that also reads well as plain text; the best of each column is in bold. */
export function comparisonMarkdown({ groups, alsoDiffer }: Comparison): string {
  const best = bestGroups(groups)
  const rows = groups.map((group, index) => [
    groupName(group),
    runsText(group),
    ...COMPARED.map((name) => {
      const text = spreadText(group.values[name])
      return best[name] === index ? `**${text}**` : text
    }),
  ])
  const table = aligned([['method', 'runs', ...COMPARED], ...rows])
  const unfinished = groups.flatMap(({ runs }) =>
    runs.filter(({ finished }) => !finished).map(({ name }) => name),
  )
  return [
    'mIoU after the last task in per cent; mean ± standard deviation over seeds and folds. Forgetting: lower is better.',
    '',
    ...table,
    ...(alsoDiffer.length > 0 ? ['', `The runs also differ in: ${alsoDiffer.join(', ')}.`] : []),
    ...(unfinished.length > 0 ? ['', `Not finished: ${unfinished.join(', ')}.`] : []),
    '',
  ].join('\n')
}

/** Columns of equal width: text to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = escaped[0]!.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]!.length)))
  const isText = (column: number) => column < 2
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, k) => (isText(k) ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join(' | ')} |`
  const rule = `|${widths.map((width, k) => (isText(k) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(escaped[0]!), rule, ...escaped.slice(1).map(line)]
}
