import { Random, type Sample } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { batchSchema } from '../config/batch-schema.ts'
import { augmentation } from './augmentation.ts'

const random = new Random(1)
const sample: Sample = {
  id: 'any',
  width: 24,
  height: 18,
  channels: 3,
  image: Uint8Array.from({ length: 24 * 18 * 3 }, () => random.integer(256)),
  labels: Uint8Array.from({ length: 24 * 18 }, (_, at) => (at === 400 ? 1 : 0)),
}
const none = { flip: false, rotate: false }
const changed = (batch: object) => augmentation(batchSchema.parse(batch))(sample, new Random(5))

describe('augmentation', () => {
  it('of nothing gives the sample back', () => {
    expect(changed({ augment: none })).toEqual(sample)
  })

  it.each([
    ['zoom', 0.5],
    ['angle', 20],
    ['elastic', 2],
    ['stain', 0.3],
    ['hue', 0.2],
    ['saturation', 0.5],
    ['brightness', 0.2],
    ['contrast', 0.5],
    ['blur', 2],
    ['noise', 0.1],
  ])('%s changes the image, keeps its size, and is off by default', (key, value) => {
    const { image, width, height, labels } = changed({ augment: { ...none, [key]: value } })
    expect([width, height, labels.length]).toEqual([24, 18, 24 * 18])
    const unit = Float32Array.from(sample.image, (byte) => byte / 255)
    expect(image.some((at, i) => Math.abs(at - unit[i]!) > 1e-3)).toBe(true)
  })

  it.each([{}, { zoom: 0.2, angle: 15 }])('crops to one size, in focus where asked, with %j', (bends) => {
    const seeds = [...Array(40).keys()]
    const crops = (focus: number) => {
      const apply = augmentation(batchSchema.parse({ crop: 8, focus, augment: { ...none, ...bends } }))
      return seeds.map((seed) => apply(sample, new Random(seed)))
    }
    expect(crops(0).every(({ width, height }) => width === 8 && height === 8)).toBe(true)
    const showing = (focus: number) => crops(focus).filter(({ labels }) => labels.includes(1)).length
    expect(showing(1)).toBeGreaterThan(35)
    expect(showing(0)).toBeLessThan(20)
  })
})
