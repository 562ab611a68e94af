import {
  checkDataset,
  type DatasetReport,
  type Finding,
  type Range,
  type SplitStatistics,
} from '@limbeck/data'
import { defineCommand } from '../../command.ts'
import { type DataSource, dataArgument, dataFlags, openDataSource } from '../../data-source.ts'
import { percent } from '../../progress/format.ts'
import { showCount } from '../../progress/show-count.ts'
import { textTable } from '../../text-table.ts'

/** Of one kind, so that the table stays in sight; --json has them all. */
const FINDINGS_SHOWN = 10

export const check = defineCommand({
  name: 'data check',
  summary: 'Reads a data set and tells what it holds and what is wrong with it',
  details: [
    'Counts, sizes and pixel shares by split. Wrong are: what cannot be read, ids outside the classes, files without a',
    'counterpart, images in two splits (equal, or nearly so: resized, recoloured, turned, mirrored), groups (patients,',
    'slides, tiles) that are divided, and files that changed since they were first read. Exit code 1 when something is.',
  ].join('\n'),
  arguments: [dataArgument],
  flags: { ...dataFlags, json: { summary: 'print JSON' } },
  async run({ args: [target], flags, terminal, started }) {
    const source = await openDataSource(target, flags)
    started()
    const progress = showCount(terminal, 'images read')
    const report = withChanges(await checkDataset(source.dataset, { onProgress: progress.show }), source)
    progress.end()
    const checksum = await source.dataset.checksum([...source.dataset.splits.keys()])
    terminal.out(flags.json ? JSON.stringify({ ...report, checksum }, null, 2) : asText(report, checksum))
    return report.findings.some(({ level }) => level === 'error') ? 1 : 0
  },
})

function withChanges(report: DatasetReport, { changed }: DataSource): DatasetReport {
  const findings = changed.map(
    ({ file, readAt }): Finding => ({
      kind: 'changed',
      level: 'error',
      message: `${file}: has changed since ${readAt}`,
    }),
  )
  return { ...report, findings: [...report.findings, ...findings] }
}

function asText(report: DatasetReport, checksum: string | undefined): string {
  const { name, channels, findings } = report
  const errors = findings.filter(({ level }) => level === 'error')
  const notes = findings.filter(({ level }) => level === 'note')
  return [
    [
      name,
      `${channels} channels`,
      ...(checksum === undefined ? [] : [`sha256 ${checksum.slice(0, 16)}…`]),
    ].join('  '),
    splitTable(report),
    classTable(report),
    errors.length === 0 ? 'nothing is wrong' : `wrong\n${listed(errors)}`,
    ...(notes.length === 0 ? [] : [`worth a look\n${listed(notes)}`]),
  ].join('\n\n')
}

function splitTable({ splits }: DatasetReport): string {
  const grouped = splits.some(({ groups }) => groups !== undefined)
  return textTable([
    ['split', 'images', ...(grouped ? ['groups'] : []), 'width', 'height', 'ignored %'],
    ...splits.map(({ name, images, groups, width, height, ignoredShare }) => [
      name,
      String(images),
      ...(grouped ? [String(groups ?? '–')] : []),
      rangeText(width),
      rangeText(height),
      percent(ignoredShare),
    ]),
  ])
}

/** A row per class: its share of the pixels that count, and in how many images it is, by split. */
function classTable({ classes, splits }: DatasetReport): string {
  const of = ({ classes: counted }: SplitStatistics, id: number) => counted.find((one) => one.id === id)!
  return textTable([
    ['class', ...splits.flatMap(({ name }) => [`${name} %`, 'images'])],
    ...classes.map(({ id, name }) => [
      `${id} ${name}`,
      ...splits.flatMap((split) => [(100 * of(split, id).share).toFixed(2), String(of(split, id).images)]),
    ]),
  ])
}

/** `256`, or `88…120…320` for least, median and greatest. */
function rangeText(range: Range | undefined): string {
  if (!range) return '–'
  const { min, median, max } = range
  return min === max ? String(min) : [min, median, max].join('…')
}

function listed(findings: readonly Finding[]): string {
  const kinds = [...new Set(findings.map(({ kind }) => kind))]
  return kinds
    .flatMap((kind) => {
      const ofKind = findings.filter((finding) => finding.kind === kind)
      const more = ofKind.length - FINDINGS_SHOWN
      return [
        ...ofKind.slice(0, FINDINGS_SHOWN).map(({ message }) => `  ${kind}: ${message}`),
        ...(more > 0 ? [`  ${kind}: ${more} more; --json lists all`] : []),
      ]
    })
    .join('\n')
}
