import { describe, expect, it } from 'vitest'
import { lineChart } from './line-chart.ts'

const bands = [{ from: 0, to: 100, label: 'task 0' }]
const line = (values: readonly number[]) => values.map((y, x) => ({ x, y }))
const chart = (lines: readonly (readonly number[])[], scale: 'linear' | 'log' = 'log') =>
  lineChart({ title: 'loss', lines: lines.map(line), bands, xLabel: 'step', scale }).markup

describe('lineChart', () => {
  it('says in words what it shows', () => {
    expect(chart([[4, 1, 2]])).toContain(
      'aria-label="loss: from 4 at step 0 to 2 at step 2, lowest 1, highest 4"',
    )
  })

  it('draws a line for each task, none between them', () => {
    expect(chart([[3, 2], [], [2, 1]]).match(/class="line"/g)).toHaveLength(2)
  })

  it('draws zeros, constants and nothing at all without a number that is not finite', () => {
    for (const lines of [[[0, 0, 0]], [[5, 5]], [[0, 1000]], [[7]], [[]], []]) {
      const markup = chart(lines)
      expect(markup).not.toMatch(/NaN|Infinity|undefined/)
    }
  })

  it('keeps a spike when it thins a long line', () => {
    const values = Array.from({ length: 5000 }, (_, k) => (k === 3333 ? 9 : 1 + (k % 7) / 100))
    const markup = chart([values], 'linear')
    const [, path] = /class="line" d="([^"]*)"/.exec(markup)!
    const heights = path!
      .split(/[ML]/)
      .slice(1)
      .map((pair) => Number(pair.split(' ')[1]))
    expect(heights.length).toBeLessThanOrEqual(400)
    expect(Math.min(...heights)).toBeLessThan(60)
  })
})
