import type { MeasuredImage } from '@limbeck/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectionF1 } from './detection-f1.ts'
import { objectsOf } from './objects.ts'
import { panopticQuality } from './panoptic-quality.ts'
import { splitTouching } from './split-touching.ts'

const split = { depth: 1, minArea: 0 }

/** A map from rows of digits; `.` is background, `x` is ignored. */
function map(...rows: readonly string[]): { width: number; height: number; labels: Uint8Array } {
  const labels = [...rows.join('')].map((one) => (one === '.' ? 0 : one === 'x' ? 255 : Number(one)))
  return { width: rows[0]!.length, height: rows.length, labels: Uint8Array.from(labels) }
}

function imageOf(
  truth: ReturnType<typeof map>,
  predicted: ReturnType<typeof map>,
  instances?: Int32Array,
): MeasuredImage {
  const { width, height } = truth
  return {
    id: 'i',
    width,
    height,
    classes: 4,
    truth: truth.labels,
    predicted: predicted.labels,
    ...(instances && { instances }),
  }
}

describe('splitTouching', () => {
  it('divides discs at their neck, and leaves a disc alone', () => {
    const discs = (...centres: readonly number[]) =>
      Uint8Array.from({ length: 40 * 20 }, (_, at) => {
        const [x, y] = [at % 40, Math.floor(at / 40)]
        return centres.some((centre) => (x - centre) ** 2 + (y - 10) ** 2 <= 49) ? 1 : 0
      })
    const count = (mask: Uint8Array, depth = 1) =>
      Math.max(...splitTouching(mask, { width: 40, height: 20 }, { depth, minArea: 0 }))
    expect(count(discs(10))).toBe(1)
    expect(count(discs(10, 22))).toBe(2)
    expect(count(discs(10, 22), 4)).toBe(1)
    expect(count(discs(10, 13))).toBe(1)
  })

  it('covers the mask, keeps parts that do not touch apart, and drops what is too small', () => {
    const masks = fc.uint8Array({ minLength: 48, maxLength: 48, max: 1 })
    fc.assert(
      fc.property(masks, (mask) => {
        const ids = splitTouching(mask, { width: 8, height: 6 }, split)
        expect(ids.map((id) => (id > 0 ? 1 : 0))).toEqual(Int32Array.from(mask))
        expect(new Set(ids.filter((id) => id > 0)).size).toBe(Math.max(...ids))
        const kept = splitTouching(mask, { width: 8, height: 6 }, { depth: 1, minArea: 3 })
        for (let id = 1; id <= Math.max(...kept); id++) {
          expect(kept.filter((one) => one === id).length).toBeGreaterThanOrEqual(3)
        }
      }),
    )
  })

  it('takes an image that is all inside as one object', () => {
    expect([...splitTouching(new Uint8Array(12).fill(1), { width: 4, height: 3 }, split)]).toEqual(
      Array(12).fill(1),
    )
  })
})

describe('objectsOf', () => {
  it('takes true objects from the data set, with the class of most of their pixels', () => {
    const truth = map('1112', '1x22', '....')
    const instances = Int32Array.of(7, 7, 7, 7, 7, 7, 9, 9, 3, 3, 0, 0)
    const { truth: objects } = objectsOf(imageOf(truth, truth, instances), split)
    // 3 lies on background and is no object; ignored pixels belong to none
    expect(objects.classOf).toEqual([0, 1, 2])
    expect([...objects.ids]).toEqual([1, 1, 1, 1, 1, 0, 2, 2, 0, 0, 0, 0])
  })
})

describe('metrics of objects', () => {
  const score = (metric: ReturnType<typeof panopticQuality>, ...images: readonly MeasuredImage[]) =>
    metric.summarise(images.map((image) => metric.measure(image) as never))

  it('forgive objects that lie in ignored pixels for the most part', () => {
    const truth = map('11..xxx', '11..xxx')
    const inside = map('11..222', '11..222')
    const beside = map('11.22..', '11.22..')
    const joint = panopticQuality({ types: 'joint' })
    expect(score(joint, imageOf(truth, inside))).toBe(1)
    expect(score(joint, imageOf(truth, beside))).toBeCloseTo(1 / 1.5, 12)
  })

  it('match above an IoU of one half, not at it', () => {
    const joint = panopticQuality({ types: 'joint', depth: 9 })
    const truth = map('1111....', '........')
    // 3 of 6 pixels are common, then 4 of 7
    expect(score(joint, imageOf(truth, map('.11111..', '........')))).toBe(0)
    expect(score(joint, imageOf(truth, map('1111111.', '........')))).toBeCloseTo(4 / 7, 12)
  })

  it('match centres one to one, as many as possible', () => {
    // the predicted object in the middle is near both true ones
    const truth = map('1...1......', '...........')
    const predicted = map('..1........', '......1....')
    const image = imageOf(truth, predicted)
    expect(score(detectionF1({ radius: 2.5, types: 'joint' }) as never, image)).toBe(1)
    expect(score(detectionF1({ radius: 2, types: 'joint' }) as never, image)).toBe(0.5)
  })
})
