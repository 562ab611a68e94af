import { defineMetric, type MeasuredImage, Random } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { confidence } from './confidence.ts'
import { headlines, recordOf, summarise } from './measurement.ts'
import { panopticQuality } from './objects/panoptic-quality.ts'

const classes = ['background', 'a', 'b']
const random = new Random(5)

/** An image of 8 × 8 in which a share of the pixels is wrong. */
function image(id: string, wrong: number): MeasuredImage {
  const truth = Uint8Array.from({ length: 64 }, (_, at) => Math.floor(at / 22))
  const predicted = truth.map((label) => (random.chance(wrong) ? (label + 1) % 3 : label))
  return { id, width: 8, height: 8, classes: 3, truth, predicted }
}
const images = Array.from({ length: 30 }, (_, k) => image(String(k), (k % 10) / 15))

const accuracy = defineMetric({
  name: 'accuracy',
  summary: 'Share of pixels that are right.',
  options: {},
  compute: ({ counts }) => (counts[0]! + counts[4]! + counts[8]!) / counts.reduce((sum, n) => sum + n, 0),
})()

describe('a measurement', () => {
  const metrics = [accuracy, panopticQuality()]
  const options = { classes, oldClasses: 2, metrics }
  const records = images.map((one) => recordOf(one, metrics))

  it('is the same from records that went through a file', () => {
    expect(summarise(JSON.parse(JSON.stringify(records)), options)).toEqual(summarise(records, options))
  })

  it('gives pixel metrics the counts of all images', () => {
    const right = images.reduce(
      (sum, { truth, predicted }) => sum + truth.filter((t, i) => t === predicted[i]).length,
      0,
    )
    expect(summarise(records, options).more!.accuracy).toBeCloseTo(right / (64 * images.length), 12)
  })

  it('has headlines by the names of papers; metrics of each class by their mean', () => {
    const measured = summarise(records, options)
    const { withoutBackground, more } = measured
    const [, a, b] = more!['panoptic-quality'] as number[]
    expect(Object.fromEntries(headlines(measured))).toMatchObject({
      mIoU: withoutBackground.miou.all,
      'mIoU old': withoutBackground.miou.old,
      Dice: withoutBackground.dice,
      mAP: withoutBackground.precision,
      'mean recall': withoutBackground.recall,
      accuracy: more!.accuracy,
      'panoptic-quality': (a! + b!) / 2,
    })
  })

  it('of no image is null everywhere, without an error', () => {
    const none = summarise([], { ...options, averaging: 'perImagePresent' })
    expect(none.withBackground.miou.all).toBeNull()
    expect(JSON.stringify(none)).not.toContain('NaN')
  })
})

describe('confidence', () => {
  const options = { classes, oldClasses: 0 }
  const bounds = (count: number, seed = 1, level = 0.9) => {
    const records = images.slice(0, count).map((one) => recordOf(one))
    return confidence(records, options, { resamples: 200, level, random: new Random(seed) }).bounds.mIoU!
  }
  const width = ([low, high]: readonly [number, number]) => high - low

  it('depends on the seed alone', () => {
    expect(bounds(30, 1)).toEqual(bounds(30, 1))
    expect(bounds(30, 1)).not.toEqual(bounds(30, 2))
  })

  it('holds the number, in bounds that widen with the level and close with the number of images', () => {
    const records = images.map((one) => recordOf(one))
    const miou = summarise(records, options).withoutBackground.miou.all!
    const [low, high] = bounds(30)
    expect(low).toBeLessThan(miou)
    expect(high).toBeGreaterThan(miou)
    expect(width(bounds(30, 1, 0.99))).toBeGreaterThan(width(bounds(30)))
    expect(width(bounds(10))).toBeGreaterThan(width(bounds(30)))
  })

  it('is a point where all images are alike', () => {
    const alike = Array.from({ length: 5 }, () => recordOf(images[3]!))
    const { bounds: found } = confidence(alike, options, {
      resamples: 50,
      level: 0.95,
      random: new Random(1),
    })
    expect(found.Dice![0]).toBe(found.Dice![1])
  })
})
