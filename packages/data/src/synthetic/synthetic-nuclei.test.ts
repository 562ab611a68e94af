import type { Sample, Split } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { syntheticNuclei } from './synthetic-nuclei.ts'

const open = (options: object = {}) =>
  syntheticNuclei.open({
    options: { size: 48, train: 40, validation: 4, test: 0, ...options },
    directory: '/',
  })
const splitOf = async (options: object, name: string): Promise<Split> =>
  (await open(options)).splits.get(name)!
const readAll = (split: Split): Promise<Sample[]> => Promise.all(split.ids.map((_, i) => split.read(i)))

/** Share of all pixels per class id. */
async function sharesOf(options: object): Promise<number[]> {
  const samples = await readAll(await splitOf(options, 'train'))
  const counts = Array<number>(5).fill(0)
  for (const { labels } of samples) for (const id of labels) counts[id]!++
  return counts.map((count) => count / samples.reduce((sum, { labels }) => sum + labels.length, 0))
}

describe('synthetic-nuclei', () => {
  it('is the same for the same seed, in whatever order it is read', async () => {
    const [one, other] = [await splitOf({}, 'train'), await splitOf({}, 'train')]
    const late = await one.read(7)
    await other.read(3)
    expect(await other.read(7)).toEqual(late)
    expect((await (await splitOf({ seed: 1 }, 'train')).read(7)).image).not.toEqual(late.image)
    expect((await (await splitOf({}, 'validation')).read(2)).image).not.toEqual((await one.read(2)).image)
  })

  it("has MoNuSAC's imbalance", async () => {
    const shares = await sharesOf({ size: 128, train: 60 })
    const wanted = [0.826, 0.109, 0.044, 0.017, 0.004]
    for (const [id, share] of wanted.entries()) expect(shares[id]! / share, `class ${id}`).toBeCloseTo(1, 0)
    expect(shares[1]).toBeGreaterThan(shares[2]!)
    expect(shares[2]).toBeGreaterThan(shares[3]!)
    expect(shares[3]).toBeGreaterThan(shares[4]!)
  })

  it('is balanced when asked, and follows shares that are given', async () => {
    const balanced = (await sharesOf({ balanced: true })).slice(1)
    expect(Math.max(...balanced) / Math.min(...balanced)).toBeLessThan(1.6)
    const [, epithelial, ...rest] = await sharesOf({
      shares: { epithelial: 0.3, lymphocyte: 0, macrophage: 0, neutrophil: 0 },
    })
    expect(epithelial).toBeGreaterThan(0.2)
    expect(rest).toEqual([0, 0, 0])
  })

  it('gives every nucleus one class, and every labelled pixel a nucleus', async () => {
    const [sample] = await readAll(await splitOf({ train: 1, size: 96, balanced: true }, 'train'))
    const classOf = new Map<number, number>()
    for (const [at, nucleus] of sample!.instances!.entries()) {
      const id = sample!.labels[at]!
      expect(id > 0).toBe(nucleus > 0)
      if (nucleus > 0) expect(classOf.get(nucleus) ?? id).toBe(id)
      classOf.set(nucleus, id)
    }
    expect(classOf.size).toBeGreaterThan(5)
  })

  it('draws nuclei darker than what is around them', async () => {
    const samples = await readAll(await splitOf({ train: 10, balanced: true }, 'train'))
    const sum = { nuclei: 0, rest: 0 }
    const count = { nuclei: 0, rest: 0 }
    for (const { image, labels } of samples) {
      for (const [at, id] of labels.entries()) {
        const side = id > 0 ? 'nuclei' : 'rest'
        sum[side] += image[at * 3]! + image[at * 3 + 1]! + image[at * 3 + 2]!
        count[side]++
      }
    }
    expect(sum.nuclei / count.nuclei).toBeLessThan((0.8 * sum.rest) / count.rest)
  })

  it('refuses shares beside balanced', async () => {
    await expect(open({ balanced: true, shares: {} })).rejects.toThrow(
      'shares and balanced exclude each other',
    )
  })
})
