import { readFileSync } from 'node:fs'
import type { Sample } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { gaussianBlur } from '../src/transforms/blur.ts'
import { shiftHsv } from '../src/transforms/colour.ts'
import { macenko, stainProfile } from '../src/transforms/macenko.ts'
import { labStatistics, REINHARD_TARGET, reinhard } from '../src/transforms/reinhard.ts'
import { toUnit } from '../src/transforms/to-unit.ts'
import { resample } from '../src/transforms/warp.ts'

interface Golden {
  readonly width: number
  readonly height: number
  readonly image: readonly number[]
  readonly blur: readonly { readonly deviation: number; readonly image: number[] }[]
  readonly hsv: readonly { readonly turn: number; readonly factor: number; readonly image: number[] }[]
  readonly resample: readonly {
    readonly top: number
    readonly left: number
    readonly height: number
    readonly width: number
    readonly factor: number
    readonly radians: number
    readonly image: number[]
  }[]
  readonly reinhard: number[]
  readonly macenko: {
    readonly haematoxylin: number[]
    readonly eosin: number[]
    readonly amounts: number[]
    readonly image: number[]
  }
}

/** See `golden/transforms.py`. */
const golden = JSON.parse(
  readFileSync(new URL('./golden/transforms.golden.json', import.meta.url), 'utf8'),
) as Golden

const { width, height } = golden
const sample: Sample = {
  id: 'golden',
  width,
  height,
  channels: 3,
  image: Uint8Array.from(golden.image),
  labels: new Uint8Array(width * height),
}

const furthest = (actual: ArrayLike<number>, expected: readonly number[]): number => {
  expect(actual.length).toBe(expected.length)
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))
}

describe('against scipy and scikit-image', () => {
  it.each(golden.blur)('blur by $deviation pixels', ({ deviation, image }) => {
    expect(furthest(gaussianBlur(toUnit(sample), deviation).image, image)).toBeLessThan(2e-7)
  })

  it.each(golden.hsv)('hue by $turn, saturation times $factor', ({ turn, factor, image }) => {
    expect(furthest(shiftHsv(toUnit(sample).image, { turn, factor }), image)).toBeLessThan(3e-7)
  })

  it.each(golden.resample)('$height × $width turned by $radians and enlarged by $factor', (given) => {
    const { image, factor, radians, ...window } = given
    expect(furthest(resample(sample, { window, factor, radians }).image, image)).toBeLessThan(2e-7)
  })
})

describe('stain normalisation against the published algorithms', () => {
  it('Reinhard', () => {
    expect(furthest(reinhard(sample).image, golden.reinhard)).toBeLessThan(2e-7)
  })

  it('Macenko: stains, amounts and image', () => {
    const { haematoxylin, eosin, amounts } = stainProfile(sample)!
    expect(furthest(haematoxylin, golden.macenko.haematoxylin)).toBeLessThan(1e-7)
    expect(furthest(eosin, golden.macenko.eosin)).toBeLessThan(1e-7)
    expect(furthest(amounts, golden.macenko.amounts)).toBeLessThan(1e-6)
    expect(furthest(macenko(sample).image, golden.macenko.image)).toBeLessThan(1e-6)
  })

  it('to its own colours changes nothing', () => {
    const own = toUnit(sample).image
    expect(furthest(reinhard(sample, { target: labStatistics(sample) }).image, [...own])).toBeLessThan(1e-6)
    // what is not of the two stains is lost
    expect(furthest(macenko(sample, { target: stainProfile(sample)! }).image, [...own])).toBeLessThan(0.05)
  })

  it('Reinhard gives every image the statistics of the target', () => {
    const once = reinhard({ ...sample, image: Uint8Array.from(sample.image, (value) => 60 + value / 2) })
    const { mean } = labStatistics(once)
    expect(furthest(mean, [...REINHARD_TARGET.mean])).toBeLessThan(0.05)
  })

  it('leaves images without tissue, and images of one channel, as they are', () => {
    const blank: Sample = { ...sample, image: new Uint8Array(sample.image.length).fill(240) }
    expect(macenko(blank)).toBe(blank)
    expect(reinhard(blank).image.every((value) => value >= 0 && value <= 1)).toBe(true)
    const grey: Sample = { ...sample, channels: 1, image: new Uint8Array(width * height) }
    expect(macenko(grey)).toBe(grey)
    expect(reinhard(grey)).toBe(grey)
  })
})
