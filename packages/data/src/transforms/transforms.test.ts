import { Random, type Sample } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { coordinates, labelAt, outOfStep } from '../../test/fixtures/coordinates.ts'
import { blur } from './blur.ts'
import { colour } from './colour.ts'
import { centreCrop, crop } from './crop.ts'
import { pad } from './cut.ts'
import { flip } from './flip.ts'
import { brightness, contrast } from './intensity.ts'
import { noise } from './noise.ts'
import { rotate } from './rotate.ts'
import { stainJitter } from './stain.ts'
import { toUnit } from './to-unit.ts'
import { compose, type Transform } from './transform.ts'
import { resample, warp } from './warp.ts'

/** The same with an image of bytes. */
const asBytes = (sample: Sample): Sample => ({
  ...sample,
  image: Uint8Array.from(sample.image, (value) => value * 64),
})

const seeds = Array.from({ length: 24 }, (_, seed) => seed)
const geometric: [string, Transform][] = [
  ['flip', flip()],
  ['rotate', rotate()],
  ['crop', crop(5)],
  ['crop of a smaller image', crop(16)],
  ['crop in focus', crop(4, { chance: 1 })],
  ['centre crop', centreCrop(4)],
  ['padding', (sample) => pad(sample, 11)],
  ['zoom', warp({ zoom: 0.5 })],
  ['any angle', warp({ angle: 180 })],
  ['elastic deformation', warp({ elastic: 1.5 })],
  ['a warped crop', warp({ side: 6, zoom: 0.3, angle: 30, elastic: 1 })],
  ['all of them', compose([warp({ side: 6, zoom: 0.3, angle: 30, elastic: 1 }), flip(), rotate()])],
]

describe('geometric transforms', () => {
  it.each(geometric)('%s moves image, labels and instances together', (_, transform) => {
    for (const seed of seeds) {
      const result = transform(coordinates(7, 9), new Random(seed))
      expect(outOfStep(result), `seed ${seed}`).toEqual([])
      expect(result.labels.some((id) => id !== 255)).toBe(true)
    }
  })

  it.each(geometric)('%s leaves the sample that it was given as it was', (_, transform) => {
    const sample = coordinates(7, 9)
    transform(sample, new Random(3))
    expect(sample).toEqual(coordinates(7, 9))
  })

  it.each<[string, Transform]>([
    ['flip', flip()],
    ['rotate', rotate()],
    ['crop', crop(5)],
    ['crop of a smaller image', crop(16)],
  ])('%s moves bytes as it moves floats', (_, transform) => {
    for (const seed of seeds) {
      const [bytes, floats] = [asBytes(coordinates(7, 9)), coordinates(7, 9)].map((sample) =>
        transform(sample, new Random(seed)),
      )
      expect(bytes!.image).toBeInstanceOf(Uint8Array)
      expect(bytes).toEqual(asBytes(floats!))
    }
  })

  it('flip and rotate reach all eight positions of a square', () => {
    const turned = compose([flip(), rotate()])
    const positions = new Set(
      seeds.map((seed) => turned(coordinates(3, 3), new Random(seed)).instances!.join()),
    )
    expect(positions.size).toBe(8)
  })

  it('rotate turns a wide image into a high one', () => {
    const sizes = new Set(seeds.map((seed) => rotate()(coordinates(7, 3), new Random(seed)).width))
    expect([...sizes].sort()).toEqual([3, 7])
  })

  it('rotate that keeps sizes turns a wide image upside down at most', () => {
    const turned = rotate({ keepSize: true })
    const wide = seeds.map((seed) => turned(coordinates(7, 3), new Random(seed)))
    expect(new Set(wide.map(({ width }) => width))).toEqual(new Set([7]))
    expect(new Set(wide.map(({ instances }) => instances!.join())).size).toBe(2)
    const square = seeds.map((seed) => turned(coordinates(3, 3), new Random(seed)).instances!.join())
    expect(new Set(square).size).toBe(4)
  })

  it('crop gives the size that was asked, and ignores what it had to add', () => {
    const { width, height, labels } = crop(8)(coordinates(5, 12), new Random(1))
    expect([width, height]).toEqual([8, 8])
    expect(labels.filter((id) => id === 255)).toHaveLength(3 * 8)
  })

  it('padding mirrors the image and ignores the rim', () => {
    const row: Sample = {
      id: 'row',
      width: 3,
      height: 1,
      channels: 1,
      image: Uint8Array.of(1, 2, 3),
      labels: Uint8Array.of(4, 5, 6),
    }
    const { image, labels } = pad(row, 3)
    expect([...image.slice(27, 36)]).toEqual([2, 3, 2, 1, 2, 3, 2, 1, 2])
    expect([...labels.slice(27, 36)]).toEqual([255, 255, 255, 4, 5, 6, 255, 255, 255])
    expect(labels.filter((id) => id !== 255)).toHaveLength(3)
  })

  it('a crop in focus holds a pixel of a rare class, each class as often', () => {
    const labels = new Uint8Array(40 * 40)
    labels[3 * 40 + 2] = 1
    for (let at = 30 * 40; at < 35 * 40; at++) labels[at] = 2
    const sample: Sample = { ...coordinates(40, 40), labels }
    const crops = [...Array(200).keys()].map((seed) => crop(8, { chance: 1 })(sample, new Random(seed)))
    expect(crops.every((shown) => shown.labels.some((id) => id > 0))).toBe(true)
    const rarest = crops.filter((shown) => shown.labels.includes(1)).length / crops.length
    expect(Math.abs(rarest - 0.5)).toBeLessThan(0.1)
    expect(new Set(crops.map(({ instances }) => instances![0])).size).toBeGreaterThan(20)
  })

  it('a crop in focus lies anywhere when there is nothing but background and ignored pixels', () => {
    const sample: Sample = { ...coordinates(9, 9), labels: new Uint8Array(81).fill(255) }
    const places = seeds.map((seed) => crop(3, { chance: 1 })(sample, new Random(seed)).image[0])
    expect(new Set(places).size).toBeGreaterThan(3)
  })
})

describe('warp', () => {
  it('with nothing to do is the identity, for images of every type', () => {
    const bytes = asBytes(coordinates(7, 9))
    const wide: Sample = { ...bytes, image: Uint16Array.from(bytes.image, (value) => value * 1000) }
    for (const sample of [coordinates(7, 9), bytes, wide]) {
      expect(warp({})(sample, new Random(1))).toEqual(toUnit(sample))
      const cut = crop(5)(sample, new Random(1).fork('place'))
      expect(warp({ side: 5 })(sample, new Random(1))).toEqual(toUnit(cut))
    }
  })

  it('by a quarter turns the image clockwise', () => {
    const sample = coordinates(4, 4)
    const window = { top: 0, left: 0, width: 4, height: 4 }
    const turned = resample(sample, { window, factor: 1, radians: Math.PI / 2 })
    const row = (at: number) => [...turned.labels.slice(4 * at, 4 * at + 4)]
    expect(row(0)).toEqual([3, 2, 1, 0].map((from) => labelAt(from, 0)))
    expect(row(3)).toEqual([3, 2, 1, 0].map((from) => labelAt(from, 3)))
  })

  it('by a factor of 2 shows the middle half, every step half a pixel', () => {
    const window = { top: 0, left: 0, width: 8, height: 8 }
    const { image } = resample(coordinates(8, 8), { window, factor: 2, radians: 0 })
    const rows = [...Array(8).keys()].map((row) => image[row * 8 * 3]! * 64)
    expect(rows).toEqual([1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25])
  })

  it('of constant classes makes no new ones', () => {
    const labels = Uint8Array.from({ length: 64 * 64 }, (_, at) => (at % 64 < 20 ? 3 : 9))
    const sample: Sample = { ...coordinates(64, 64), labels }
    for (const seed of seeds.slice(0, 6)) {
      const warped = warp({ zoom: 0.4, angle: 45, elastic: 4 })(sample, new Random(seed))
      expect([...new Set(warped.labels)].filter((id) => id !== 3 && id !== 9 && id !== 255)).toEqual([])
    }
  })
})

describe('transforms of colour', () => {
  const grey: Sample = { ...coordinates(8, 8), image: new Float32Array(192).fill(0.5) }

  it.each<[string, Transform]>([
    ['brightness', brightness(0.2)],
    ['contrast', contrast(0.5)],
    ['noise', noise(0.1)],
    ['blur', blur(2)],
    ['stain jitter', stainJitter(0.3)],
    ['colour', colour({ hue: 0.3, saturation: 0.5 })],
  ])('%s stays within 0..1, leaves labels alone, and depends on the seed', (_, transform) => {
    const sample = coordinates(8, 8)
    const [first, again, other] = [1, 1, 2].map((seed) => transform(sample, new Random(seed)))
    expect(first!.image.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(first!.labels).toBe(sample.labels)
    expect(first!.instances).toBe(sample.instances)
    expect(again!.image).toEqual(first!.image)
    expect(other!.image).not.toEqual(first!.image)
    expect(sample.image).toEqual(coordinates(8, 8).image)
  })

  it('brightness moves all values by one amount', () => {
    const { image } = brightness(0.2)(grey, new Random(3))
    expect(new Set(image).size).toBe(1)
    expect(image[0]).not.toBe(0.5)
  })

  it.each<[string, Transform]>([
    ['stain jitter', stainJitter(0)],
    ['colour', colour({})],
    ['brightness', brightness(0)],
    ['contrast', contrast(0)],
    ['noise', noise(0)],
    ['blur', blur(0)],
  ])('%s of nothing gives the image back', (_, transform) => {
    const random = new Random(3)
    const image = Float32Array.from({ length: 192 }, () => random.uniform(0.02, 1))
    const result = transform({ ...grey, image }, new Random(3)).image
    for (const [at, value] of result.entries()) expect(value).toBeCloseTo(image[at]!, 5)
  })

  it('stain jitter and colour leave images of one channel alone', () => {
    const one: Sample = { ...grey, channels: 1, image: new Float32Array(64).fill(0.3) }
    expect(stainJitter(0.5)(one, new Random(1))).toBe(one)
    expect(colour({ hue: 0.5 })(one, new Random(1))).toBe(one)
  })

  it('colour leaves grey grey', () => {
    const { image } = colour({ hue: 0.5, saturation: 0.9 })(grey, new Random(1))
    expect(new Set(image)).toEqual(new Set([0.5]))
  })

  it('noise has the deviation that was asked for, about zero', () => {
    const flat: Sample = { ...grey, width: 64, height: 64, image: new Float32Array(64 * 64 * 3).fill(0.5) }
    const added = [...noise(0.05)(flat, new Random(1)).image].map((value) => value - 0.5)
    const mean = added.reduce((sum, value) => sum + value, 0) / added.length
    const deviation = Math.sqrt(added.reduce((sum, value) => sum + value ** 2, 0) / added.length)
    expect(Math.abs(mean)).toBeLessThan(0.002)
    expect(deviation).toBeCloseTo(0.05, 2)
  })
})

describe('toUnit', () => {
  it('takes bytes and 16-bit values by their full range', () => {
    const of = (image: Uint8Array | Uint16Array) => [...toUnit({ ...coordinates(1, 1), image }).image]
    expect(of(Uint8Array.of(0, 255))).toEqual([0, 1])
    expect(of(Uint16Array.of(0, 65535))).toEqual([0, 1])
  })
})
