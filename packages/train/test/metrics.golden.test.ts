import { readFileSync } from 'node:fs'
import type { ImageMetric, MeasuredImage } from '@limbeck/core'
import {
  aggregatedJaccard,
  countPixels,
  detectionF1,
  hausdorffDistance,
  panopticQuality,
  pixelMetrics,
  splitTouching,
  squaredDistances,
  surfaceDice,
} from '@limbeck/train/metrics'
import { describe, expect, it } from 'vitest'

type Numbers = readonly (number | null)[]
type PixelScores = Readonly<Record<'iou' | 'dice' | 'precision' | 'recall', number>>
type Averagings = Readonly<Record<'dataset' | 'micro' | 'perImagePresent', PixelScores | null>>

interface Golden {
  readonly classes: number
  readonly sets: readonly {
    readonly name: string
    readonly images: readonly {
      readonly width: number
      readonly height: number
      readonly truth: string
      readonly predicted: string
      readonly instances?: string
    }[]
    readonly pixels: Readonly<Record<'withBackground' | 'withoutBackground', Averagings>>
    readonly objects: Readonly<Record<'pq' | 'dq' | 'sq', Numbers>> &
      Readonly<Record<'jointPq' | 'jointPqPerImage' | 'aji' | 'ajiPlus' | 'f1', number | null>>
    readonly borders: Readonly<Record<'hd95' | 'hausdorffSkip' | 'nsd0' | 'nsd2' | 'nsdSpaced', Numbers>>
  }[]
  readonly distances: readonly {
    readonly width: number
    readonly height: number
    readonly spacing: readonly [number, number]
    readonly sites: string
    readonly squared: readonly number[]
  }[]
  readonly touching: readonly {
    readonly width: number
    readonly height: number
    readonly mask: string
    readonly ids: string
  }[]
}

/** Written by golden/metrics.py. */
const golden: Golden = JSON.parse(
  readFileSync(new URL('./golden/metrics.golden.json', import.meta.url), 'utf8'),
)

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))

const imagesOf = (set: Golden['sets'][number]): MeasuredImage[] =>
  set.images.map(({ width, height, truth, predicted, instances }, index) => ({
    id: String(index),
    width,
    height,
    classes: golden.classes,
    truth: bytes(truth),
    predicted: bytes(predicted),
    ...(instances === undefined ? {} : { instances: Int32Array.from(bytes(instances)) }),
  }))

/** What a metric says of a set, through JSON as a stored measurement goes; background has none. */
function scoreOf(metric: ImageMetric<never>, images: readonly MeasuredImage[]): number | null | Numbers {
  const parts = JSON.parse(JSON.stringify(images.map((image) => metric.measure(image))))
  const value = metric.summarise(parts)
  return typeof value === 'number' ? orNull(value) : value.slice(1).map(orNull)
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** As equal as float64 sums in another order are. */
function expectClose(received: number | null | Numbers, expected: number | null | Numbers): void {
  const [a, b] = [[received].flat(), [expected].flat()]
  expect(a.map((value) => value === null)).toEqual(b.map((value) => value === null))
  for (const [k, value] of a.entries()) if (value !== null) expect(value).toBeCloseTo(b[k]!, 9)
}

/** Deeper than any neck: objects are the connected parts of a class, as the oracle has them. */
const connected = { depth: 1e6 }

describe.each(golden.sets.map((set) => [set.name, set] as const))('%s', (_, set) => {
  const images = imagesOf(set)

  it.each(['dataset', 'micro', 'perImagePresent'] as const)('pixels, %s: as scikit-learn', (averaging) => {
    const confusions = images.map(({ truth, predicted }) => countPixels(truth, predicted, golden.classes))
    const classes = ['background', 'a', 'b', 'c']
    const found = pixelMetrics(confusions, { classes, oldClasses: 0, averaging })
    for (const over of ['withBackground', 'withoutBackground'] as const) {
      const { miou, dice, precision, recall } = found[over]
      const expected = set.pixels[over][averaging]
      const names = ['iou', 'dice', 'precision', 'recall'] as const
      expectClose(
        [miou.all, dice, precision, recall],
        names.map((name) => expected?.[name] ?? null),
      )
    }
  })

  it.each([
    ['pq', panopticQuality(connected)],
    ['dq', panopticQuality({ ...connected, part: 'dq' })],
    ['sq', panopticQuality({ ...connected, part: 'sq' })],
    ['jointPq', panopticQuality({ ...connected, types: 'joint' })],
    ['jointPqPerImage', panopticQuality({ ...connected, types: 'joint', averaging: 'perImagePresent' })],
    ['aji', aggregatedJaccard(connected)],
    ['ajiPlus', aggregatedJaccard({ ...connected, plus: true })],
    ['f1', detectionF1({ ...connected, types: 'joint', radius: 4 })],
  ] as const)('objects, %s: as the published formula', (name, metric) => {
    expectClose(scoreOf(metric as ImageMetric<never>, images), set.objects[name])
  })

  it.each([
    ['hd95', hausdorffDistance()],
    ['hausdorffSkip', hausdorffDistance({ percentile: 100, spacing: [0.5, 0.25], missing: 'skip' })],
    ['nsd0', surfaceDice({ tolerance: 0 })],
    ['nsd2', surfaceDice({ tolerance: 2 })],
    ['nsdSpaced', surfaceDice({ tolerance: 0.6, spacing: [0.5, 0.25] })],
  ] as const)('borders, %s: as with scipy', (name, metric) => {
    expectClose(scoreOf(metric as ImageMetric<never>, images), set.borders[name])
  })
})

describe('squaredDistances', () => {
  it.each(golden.distances)('$width × $height, spacing $spacing: as scipy', (one) => {
    const [y, x] = one.spacing
    const squared = squaredDistances(bytes(one.sites), one, { x, y })
    for (const [pixel, value] of squared.entries()) expect(value).toBeCloseTo(one.squared[pixel]!, 7)
  })
})

describe('splitTouching', () => {
  it.each(golden.touching.map((one, k) => [k, one] as const))(
    'discs that touch, %i: the objects of extended maxima and watershed in scikit-image, but for pixels on necks',
    (_, { width, height, mask, ids }) => {
      const own = splitTouching(bytes(mask), { width, height }, { depth: 1, minArea: 0 })
      const theirs = bytes(ids)
      expect(Math.max(...own)).toBe(Math.max(...theirs))
      // the object of ours that covers most of each of theirs
      const counts = new Map<string, number>()
      for (const [pixel, id] of theirs.entries()) {
        if (id > 0) counts.set(`${id} ${own[pixel]}`, (counts.get(`${id} ${own[pixel]}`) ?? 0) + 1)
      }
      const best = Array.from({ length: Math.max(...theirs) }, (__, k) =>
        Math.max(...[...counts].filter(([key]) => key.startsWith(`${k + 1} `)).map(([, count]) => count)),
      )
      const agreed = best.reduce((sum, count) => sum + count, 0)
      expect(agreed / theirs.filter((id) => id > 0).length).toBeGreaterThan(0.97)
    },
  )
})
