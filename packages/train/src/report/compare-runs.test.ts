import { describe, expect, it } from 'vitest'
import { pixelMetrics } from '../metrics/pixels/segmentation.ts'
import { type Comparison, compareRuns, spread } from './compare-runs.ts'
import { comparisonMarkdown } from './comparison-markdown.ts'
import { comparisonPage } from './comparison-page.ts'
import type { RunRecord, Settings } from './read-run.ts'

/** A run of one task whose one class has the given IoU in per cent. */
function record(method: string, seed: number, iou: number, more: Settings = {}, finished = true): RunRecord {
  const names = { classes: ['background', 'a'], oldClasses: 0 }
  const metrics = pixelMetrics([{ classes: 2, counts: Float64Array.of(100, 0, 100 - iou, iou) }], names)
  const name = `${method}-s${seed}`
  const tasks = [{ index: 0, name: 'all', ...names, metrics }]
  return {
    name,
    config: { name, seed, method: { use: method, options: {} }, epochs: 10, ...more },
    result: finished ? { name, method, seed, backend: 'ref', seconds: 1, tasks } : undefined,
    environment: undefined,
    log: [],
    tasks,
    sheets: [],
    labels: [],
  }
}

const allOf = ({ groups }: Comparison) => groups.map(({ values }) => values.all.mean)

describe('spread', () => {
  it('is the mean and the sample deviation of what is there', () => {
    expect(spread([0.25, null, 0.5])).toEqual({ mean: 0.375, deviation: Math.sqrt(0.03125) })
    expect(spread([0.2])).toEqual({ mean: 0.2, deviation: null })
    expect(spread([null])).toEqual({ mean: null, deviation: null })
  })
})

describe('compareRuns', () => {
  it('takes means over seeds of one experiment only', () => {
    const comparison = compareRuns([record('mib', 0, 60), record('plop', 0, 70), record('mib', 1, 64)])
    expect(comparison.groups.map(({ method, runs }) => [method, runs.length])).toEqual([
      ['mib', 2],
      ['plop', 1],
    ])
    expect(allOf(comparison)).toEqual([0.62, 0.7])
    expect(comparison.alsoDiffer).toEqual([])
  })

  it('keeps runs of one method apart when a setting differs, and says which', () => {
    const comparison = compareRuns([record('mib', 0, 60), record('mib', 0, 64, { epochs: 20 })])
    expect(comparison.groups.map(({ settings }) => [...settings])).toEqual([
      [['epochs', '10']],
      [['epochs', '20']],
    ])
    expect(comparison.alsoDiffer).toEqual(['epochs'])
  })
})

describe('comparisonMarkdown', () => {
  it('prints means, deviations and the best in bold, in columns of equal width', () => {
    const text = comparisonMarkdown(
      compareRuns([record('mib', 0, 60), record('mib', 1, 64), record('plop', 0, 70)]),
    )
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    expect(rows[2]).toMatch(/^\| mib +\| 2 runs, seeds 0, 1 \| +– \| +62\.0 ± 2\.8 \| +62\.0 ± 2\.8 \|/)
    expect(rows[3]).toMatch(/^\| plop +\| plop-s0 +\| +– \| +\*\*70\.0\*\* \| +\*\*70\.0\*\* \|/)
    expect(new Set(rows.map((row) => row.length)).size).toBe(1)
  })

  it('names runs that have not finished', () => {
    expect(comparisonMarkdown(compareRuns([record('mib', 3, 60, {}, false)]))).toContain(
      'Not finished: mib-s3.',
    )
  })
})

describe('comparisonPage', () => {
  it('warns when more than the method differs, with every name escaped', () => {
    const page = comparisonPage(compareRuns([record('<mib>', 0, 60), record('plop', 0, 70, { 'a<b': 1 })]))
    expect(page).toContain('differ in more than the method: a&lt;b.')
    expect(page).not.toContain('<mib>')
  })
})
