import { registerRef } from '@limbeck/backend-ref'
import {
  type ForwardOptions,
  Model,
  Random,
  type Sample,
  type Split,
  type Tap,
  type Tensor4D,
  tf,
  type Window,
} from '@limbeck/core'
import { viewSplit } from '@limbeck/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluateModel, readAsWhole } from './evaluation.ts'
import { panopticQuality } from './metrics/objects/panoptic-quality.ts'

/** Calls bright pixels the second class. */
class Threshold extends Model {
  readonly taps: readonly Tap[] = [{ name: 'logits', channels: 2, stride: 1 }]

  override forward(x: Tensor4D, _options: ForwardOptions): Readonly<Record<string, Tensor4D>> {
    return { logits: tf.concat([tf.neg(x), x], 3) as Tensor4D }
  }
}

const [WIDTH, HEIGHT, TILE] = [150, 210, 64]
const random = new Random(1)
const sample: Sample = {
  id: 'slide',
  width: WIDTH,
  height: HEIGHT,
  channels: 1,
  image: Uint8Array.from({ length: WIDTH * HEIGHT }, () => random.integer(256)),
  labels: Uint8Array.from({ length: WIDTH * HEIGHT }, () => random.pick([0, 3, 3, 255])),
}
const whole: Split = { name: 'slides', ids: ['slide'], read: async () => sample }

/** The same sample, which cannot be read as a whole; `windows` sees what is read. */
function byWindows() {
  const windows: { readonly of: 'image' | 'labels'; readonly window: Window }[] = []
  let isOpen = false
  const reader = (of: 'image' | 'labels') => ({
    ...{ width: WIDTH, height: HEIGHT, channels: 1 },
    async read(window: Window) {
      expect(isOpen).toBe(true)
      windows.push({ of, window })
      const rows = Array.from({ length: window.height }, (_, y) => {
        const from = (window.top + y) * WIDTH + window.left
        return [...sample[of].subarray(from, from + window.width)]
      })
      return Uint8Array.from(rows.flat())
    },
  })
  const split: Split = {
    ...whole,
    read: () => Promise.reject(new Error('it is too large')),
    async open() {
      isOpen = true
      const close = async () => {
        isOpen = false
      }
      return { id: 'slide', image: reader('image'), labels: reader('labels'), close }
    },
  }
  return { split, windows, isOpen: () => isOpen }
}

const table = new Uint8Array(256).fill(255)
table[0] = 0
table[3] = 1
const view = (split: Split) => viewSplit(split, table, [0])
const options = {
  classes: ['background', 'cell'],
  oldClasses: 0,
  inference: { tile: TILE, overlap: 16, blend: 'linear', augment: 'none', batchSize: 2 },
} as const

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('evaluateModel of an image that is too large to be read as a whole', () => {
  it('finds what it finds of the whole image, from windows no larger than a tile and rows of labels', async () => {
    const { split, windows, isOpen } = byWindows()
    const found = await evaluateModel(new Threshold(), view(split), options)
    expect(found).toEqual(await evaluateModel(new Threshold(), view(whole), options))
    const [[correct]] = found.confusion as [[number, number], [number, number]]
    expect(correct).toBeGreaterThan(0)
    for (const { of, window } of windows) {
      expect(window.height).toBeLessThanOrEqual(TILE)
      if (of === 'image') expect(window.width).toBeLessThanOrEqual(TILE)
    }
    const seen = windows.filter(({ of }) => of === 'labels')
    expect(seen.reduce((sum, { window }) => sum + window.height, 0)).toBe(HEIGHT)
    expect(isOpen()).toBe(false)
  })

  it('measures objects of it too', async () => {
    const metrics = [panopticQuality({ types: 'joint' })]
    const found = await evaluateModel(new Threshold(), view(byWindows().split), { ...options, metrics })
    expect(found).toEqual(await evaluateModel(new Threshold(), view(whole), { ...options, metrics }))
  })

  it('makes no pictures of it', async () => {
    const { split, isOpen } = byWindows()
    expect(await readAsWhole(view(split))).toEqual([])
    expect(isOpen()).toBe(false)
    expect(await readAsWhole(view(whole))).toEqual([0])
  })

  it('closes it when the measurement fails', async () => {
    const { split, isOpen } = byWindows()
    class Broken extends Threshold {
      override forward(): never {
        throw new Error('no memory')
      }
    }
    await expect(evaluateModel(new Broken(), view(split), options)).rejects.toThrow('no memory')
    expect(isOpen()).toBe(false)
  })
})
