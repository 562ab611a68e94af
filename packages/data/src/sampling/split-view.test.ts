import { Random, type Sample, type Split } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { divideLabels, hideLabels, joinSplits, originOf, viewSplit } from './split-view.ts'

const splitOf = (name: string, rows: readonly (readonly number[])[]): Split => ({
  name,
  ids: rows.map((_, i) => `${name}${i}`),
  read: async (i): Promise<Sample> => ({
    id: `${name}${i}`,
    width: rows[i]!.length,
    height: 1,
    channels: 1,
    image: Uint8Array.from(rows[i]!),
    labels: Uint8Array.from(rows[i]!),
  }),
})
const tableOf = (entries: Readonly<Record<number, number>>) =>
  Uint8Array.from({ length: 256 }, (_, id) => entries[id] ?? (id === 255 ? 255 : 0))
const labelsOf = async (split: Split) =>
  Promise.all(split.ids.map(async (_, i) => [...(await split.read(i)).labels]))

const split = splitOf('a', [[0, 1], [2, 255], [1, 2], [3]])

describe('a view of a split', () => {
  it('shows the samples asked for, their labels through the table, and leaves the split as it was', async () => {
    const view = viewSplit(split, tableOf({ 2: 7 }), [1, 0])
    expect(view.ids).toEqual(['a1', 'a0'])
    expect(await labelsOf(view)).toEqual([
      [7, 255],
      [0, 0],
    ])
    expect([...(await split.read(1)).labels]).toEqual([2, 255])
  })

  it('of a view sees through both tables, and knows where its samples come from', async () => {
    const inner = viewSplit(split, tableOf({ 1: 5, 2: 6 }), [2, 1])
    const outer = viewSplit(inner, tableOf({ 6: 9 }), [1])
    expect(await labelsOf(outer)).toEqual([[9, 255]])
    const { split: from, index, table } = originOf(outer, 0)
    expect(from).toBe(split)
    expect([index, table![2], table![1], table![255]]).toEqual([1, 9, 0, 255])
  })

  it('keeps labels in part, always the same ones, and at least one', async () => {
    const hidden = async (share: number) => {
      const view = hideLabels(split, { share, random: new Random(3) })
      return (await labelsOf(view)).map((labels) => labels.every((id) => id === 255))
    }
    expect((await hidden(0.5)).filter(Boolean)).toHaveLength(2)
    expect(await hidden(0.5)).toEqual(await hidden(0.5))
    expect((await hidden(0.01)).filter(Boolean)).toHaveLength(3)
    expect(hideLabels(split, { share: 1, random: new Random(3) })).toBe(split)
  })

  it('hides the labels of the images that divideLabels names', async () => {
    const at = { share: 0.5, random: new Random(3) }
    const { labelled, unlabelled } = divideLabels(split, { ...at, random: new Random(3) })
    expect([...labelled, ...unlabelled].sort()).toEqual([0, 1, 2, 3])
    const rows = await labelsOf(hideLabels(split, at))
    for (const index of unlabelled) expect(new Set(rows[index])).toEqual(new Set([255]))
    for (const index of labelled) expect(rows[index]).toEqual([...(await split.read(index)).labels])
  })

  it('of several splits knows which of them a sample is from', async () => {
    const other = splitOf('b', [[4]])
    const joined = joinSplits('both', [viewSplit(split, tableOf({ 3: 3 }), [3]), other])
    expect(joined.ids).toEqual(['a3', 'b0'])
    expect(joined.origin(1)).toEqual({ split: other, index: 0 })
    expect(joined.origin(0).split).toBe(split)
    expect(await labelsOf(joined)).toEqual([[3], [4]])
  })
})
