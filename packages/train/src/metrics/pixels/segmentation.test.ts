import { describe, expect, it } from 'vitest'
import { pixelMetrics } from './segmentation.ts'

const metrics = (counts: number[][], oldClasses = 0) =>
  pixelMetrics([{ classes: counts.length, counts: Float64Array.from(counts.flat()) }], {
    classes: ['background', 'a', 'b', 'c'].slice(0, counts.length),
    oldClasses,
  })

describe('pixelMetrics', () => {
  // rows: truth
  const counts = [
    [80, 5, 0],
    [3, 6, 1],
    [0, 2, 3],
  ]

  it('follows the definitions', () => {
    const { withBackground, withoutBackground } = metrics(counts)
    const iou = [80 / 88, 6 / 17, 3 / 6]
    expect(withBackground.perClass.a).toEqual({
      iou: 6 / 17,
      dice: 12 / 23,
      precision: 6 / 13,
      recall: 6 / 10,
    })
    expect(withBackground.miou.all).toBeCloseTo((iou[0]! + iou[1]! + iou[2]!) / 3, 12)
    expect(withoutBackground.miou.all).toBeCloseTo((iou[1]! + iou[2]!) / 2, 12)
    expect(withoutBackground.recall).toBeCloseTo((6 / 10 + 3 / 5) / 2, 12)
    expect(withoutBackground.precision).toBeCloseTo((6 / 13 + 3 / 4) / 2, 12)
    expect(withoutBackground.dice).toBeCloseTo((12 / 23 + 6 / 9) / 2, 12)
    expect(Object.keys(withoutBackground.perClass)).toEqual(['a', 'b'])
  })

  it('tells old classes from new ones', () => {
    const { withBackground, withoutBackground } = metrics(counts, 2)
    expect(withoutBackground.miou.old).toBeCloseTo(6 / 17, 12)
    expect(withBackground.miou.old).toBeCloseTo((80 / 88 + 6 / 17) / 2, 12)
    expect(withBackground.miou.new).toBeCloseTo(3 / 6, 12)
    expect(metrics(counts, 0).withoutBackground.miou.old).toBeNull()
  })

  it('leaves classes that the truth lacks out of the means', () => {
    const { withoutBackground } = metrics([
      [9, 0, 1],
      [0, 5, 0],
      [0, 0, 0],
    ])
    expect(withoutBackground.miou.all).toBe(1)
    expect(withoutBackground.perClass.b).toEqual({ iou: 0, dice: 0, precision: 0, recall: null })
  })

  it('is null, not NaN, where there is nothing to measure', () => {
    const empty = metrics([
      [0, 0],
      [0, 0],
    ])
    expect(empty.withBackground.miou.all).toBeNull()
    expect(JSON.stringify(empty)).not.toContain('NaN')
  })
})
