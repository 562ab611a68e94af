import { Random, type Sample } from '@limbeck/core'
import { macenko, normaliseStains, reinhard, stainNormaliser, stainStep, thinned } from '@limbeck/data'
import { describe, expect, it } from 'vitest'
import { sampleSource } from './image-source.ts'
import { stainedSource } from './stained-source.ts'

/** More pixels than that repeat themselves, for the sake of time; no row is like the one before. */
const DRAWN = 9973

/** Two stains in amounts of their own, so that there is something to normalise. */
function slide(width: number, height: number): Sample {
  const random = new Random(`${width} × ${height}`)
  const image = new Uint8Array(width * height * 3)
  const drawn = Math.min(image.length, 3 * DRAWN)
  for (let at = 0; at < drawn; at += 3) {
    const [h, e] = [0.2 + random.uniform(), 0.1 + random.uniform() / 2]
    const densities = [0.65 * h + 0.07 * e, 0.7 * h + 0.99 * e, 0.29 * h + 0.11 * e]
    for (let c = 0; c < 3; c++) image[at + c] = Math.round(240 * Math.exp(-densities[c]!))
  }
  for (let at = drawn; at < image.length; at += drawn)
    image.set(image.subarray(0, Math.min(drawn, image.length - at)), at)
  return { id: 'slide', width, height, channels: 3, image, labels: new Uint8Array(width * height) }
}

describe.each(['macenko', 'reinhard'] as const)('stainedSource: %s', (method) => {
  it('shows a window of the image as training shows it', async () => {
    const sample = slide(60, 40)
    const whole = normaliseStains(sample, method).image
    const published = { macenko, reinhard }[method](sample).image
    expect(whole).toEqual(Uint8Array.from(published, (value) => Math.round(value * 255)))
    const source = await stainedSource(sampleSource(sample), method)
    const window = { left: 50, top: 20, width: 10, height: 20 }
    const expected = Array.from({ length: 20 }, (_, y) => {
      const from = ((20 + y) * 60 + 50) * 3
      return [...whole.subarray(from, from + 30)]
    })
    expect([...(await source.read(window))]).toEqual(expected.flat())
    expect(whole).not.toEqual(sample.image)
  })

  // the one that is quicker: a large image takes seconds
  it.runIf(method === 'reinhard')(
    'tells the stains of a large image from a grid, a strip at a time',
    async () => {
      const sample = slide(2500, 2001)
      expect(stainStep(sample)).toBe(2)
      const plain = sampleSource(sample)
      let most = 0
      const watched = {
        ...plain,
        read: (window: Parameters<typeof plain.read>[0]) => {
          most = Math.max(most, window.width * window.height)
          return plain.read(window)
        },
      }
      const source = await stainedSource(watched, method)
      expect(most).toBeLessThanOrEqual(2 ** 20)
      const window = { left: 7, top: 1990, width: 40, height: 11 }
      const size = { width: 1250, height: 1001 }
      const shown = { ...sample, ...size, image: thinned(sample.image, sample, 2) }
      const part = { ...sample, ...window, image: await plain.read(window) }
      expect(await source.read(window)).toEqual(stainNormaliser(method, shown)(part).image)
    },
  )

  it('leaves grey images alone', async () => {
    const grey = { ...slide(8, 8), channels: 1, image: new Uint8Array(64).fill(90) }
    const source = await stainedSource(sampleSource(grey), method)
    expect(await source.read({ left: 0, top: 0, width: 8, height: 8 })).toEqual(grey.image)
  })
})
