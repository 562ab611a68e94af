import { Random } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { centreCrop, crop } from './crop.ts'
import { flip } from './flip.ts'
import { brightness, contrast, noise } from './intensity.ts'
import { rotate } from './rotate.ts'
import { stainJitter } from './stain.ts'
import { compose, type Transform, toUnit, type UnitSample } from './transform.ts'

/** An image whose every pixel knows its place, and labels and instances that follow from it. */
function coordinates(width: number, height: number): UnitSample {
  const place = (at: number) => [Math.floor(at / width), at % width] as const
  const size = width * height
  return {
    id: 'coordinates',
    width,
    height,
    channels: 3,
    image: Float32Array.from({ length: size * 3 }, (_, i) =>
      i % 3 === 2 ? 0.5 : place(Math.floor(i / 3))[i % 3]! / 64,
    ),
    labels: Uint8Array.from({ length: size }, (_, at) => (place(at)[0] * 7 + place(at)[1]) % 200),
    instances: Int32Array.from({ length: size }, (_, at) => place(at)[0] * 1000 + place(at)[1]),
  }
}

/** Whether every pixel still carries the label and the instance of the place that its colour names. */
function inStep({ image, labels, instances, width, height }: UnitSample): boolean {
  return Array.from({ length: width * height }, (_, at) => at).every((at) => {
    const [row, column] = [image[at * 3]! * 64, image[at * 3 + 1]! * 64]
    const labelled = labels[at] === 255 || labels[at] === (row * 7 + column) % 200
    return labelled && instances![at] === row * 1000 + column
  })
}

const seeds = Array.from({ length: 24 }, (_, seed) => seed)
const geometric: [string, Transform][] = [
  ['flip', flip()],
  ['rotate', rotate()],
  ['crop', crop(5)],
  ['crop of a smaller image', crop(16)],
  ['centre crop', centreCrop(4)],
  ['all of them', compose([crop(6), flip(), rotate()])],
]

describe('geometric transforms', () => {
  it.each(geometric)('%s moves image, labels and instances together', (_, transform) => {
    for (const seed of seeds)
      expect(inStep(transform(coordinates(7, 9), new Random(seed))), `seed ${seed}`).toBe(true)
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
})

describe('transforms of colour', () => {
  const grey: UnitSample = { ...coordinates(8, 8), image: new Float32Array(192).fill(0.5) }

  it.each<[string, Transform]>([
    ['brightness', brightness(0.2)],
    ['contrast', contrast(0.5)],
    ['noise', noise(0.1)],
    ['stain jitter', stainJitter(0.3)],
  ])('%s stays within 0..1, leaves labels alone, and depends on the seed', (_, transform) => {
    const sample = coordinates(8, 8)
    const [first, again, other] = [1, 1, 2].map((seed) => transform(sample, new Random(seed)))
    expect(first!.image.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(first!.labels).toEqual(sample.labels)
    expect(again!.image).toEqual(first!.image)
    expect(other!.image).not.toEqual(first!.image)
  })

  it('brightness moves all values by one amount', () => {
    const { image } = brightness(0.2)(grey, new Random(3))
    expect(new Set(image).size).toBe(1)
    expect(image[0]).not.toBe(0.5)
  })

  it('stain jitter of nothing gives the image back', () => {
    const { image } = stainJitter(0)(grey, new Random(3))
    for (const value of image) expect(value).toBeCloseTo(0.5, 5)
  })

  it('stain jitter leaves grey images alone', () => {
    const one: UnitSample = { ...grey, channels: 1, image: new Float32Array(64).fill(0.3) }
    expect(stainJitter(0.5)(one, new Random(1))).toBe(one)
  })
})

describe('toUnit', () => {
  it('takes bytes and 16-bit values by their full range', () => {
    const of = (image: Uint8Array | Uint16Array) => [...toUnit({ ...coordinates(1, 1), image }).image]
    expect(of(Uint8Array.of(0, 255))).toEqual([0, 1])
    expect(of(Uint16Array.of(0, 65535))).toEqual([0, 1])
  })
})
