import { Random, type Sample, type Split } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import type { Transform } from '../transforms/transform.ts'
import { type BatchOptions, batches } from './batches.ts'
import { rareClassSampler, uniformSampler } from './sampler.ts'

/** A split whose sample i has the labels given, one row high. */
const splitOf = (rows: readonly (readonly number[])[]): Split => ({
  name: 'train',
  ids: rows.map((_, i) => `s${i}`),
  read: async (i): Promise<Sample> => ({
    id: `s${i}`,
    width: rows[i]!.length,
    height: 1,
    channels: 1,
    image: Uint8Array.from(rows[i]!, () => i * 10),
    labels: Uint8Array.from(rows[i]!),
  }),
})
const collect = async (options: BatchOptions) => {
  const all = []
  for await (const batch of batches(options)) all.push(batch)
  return all
}

describe('batches', () => {
  const split = splitOf([
    [0, 1],
    [1, 1],
    [2, 0],
    [0, 0],
    [1, 2],
  ])

  it('hold every sample once, in order, normalised', async () => {
    const all = await collect({ split, batchSize: 2 })
    expect(all.map(({ ids }) => ids)).toEqual([['s0', 's1'], ['s2', 's3'], ['s4']])
    expect(all[0]!.shape).toEqual([2, 1, 2, 1])
    expect([...all[0]!.labels]).toEqual([0, 1, 1, 1])
    expect(all[0]!.images[0]).toBe(-2)
    expect(all[0]!.images[2]).toBeCloseTo((10 / 255 - 0.5) * 4, 6)
  })

  it('follow an order, and may leave out a last one that is not full', async () => {
    const all = await collect({ split, batchSize: 2, order: [4, 0, 4], dropLast: true })
    expect(all.map(({ ids }) => ids)).toEqual([['s4', 's0']])
  })

  it('begin anew where the size changes', async () => {
    const mixed = splitOf([[0], [0], [0, 0], [0]])
    expect((await collect({ split: mixed, batchSize: 4 })).map(({ ids }) => ids)).toEqual([
      ['s0', 's1'],
      ['s2'],
      ['s3'],
    ])
  })

  it('transform each sample by its position alone', async () => {
    const shift: Transform = (sample, random) => ({
      ...sample,
      image: sample.image.map(() => random.uniform()),
    })
    const run = (batchSize: number) =>
      collect({ split, batchSize, transform: { apply: shift, random: new Random(5) } })
    const flat = async (batchSize: number) => (await run(batchSize)).flatMap(({ images }) => [...images])
    expect(await flat(2)).toEqual(await flat(5))
    expect(new Set(await flat(1)).size).toBe(10)
  })
})

describe('samplers', () => {
  it('uniform: every image once', () => {
    const order = uniformSampler(splitOf([[0], [0], [0], [0]]))(new Random(1))
    expect([...order].sort()).toEqual([0, 1, 2, 3])
  })

  it('rare classes come as often as common ones', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => (i < 2 ? [0, 2] : [0, 1]))
    const sampler = await rareClassSampler(splitOf(rows))
    const drawn = [...Array(40).keys()].flatMap((seed) => sampler(new Random(seed)))
    expect(drawn).toHaveLength(40 * 50)
    const rare = drawn.filter((index) => index < 2).length / drawn.length
    expect(rare).toBeCloseTo(0.5, 1)
  })

  it('rare classes: images without any label are still drawn when there is nothing else', async () => {
    const sampler = await rareClassSampler(splitOf([[255], [255]]))
    expect([...sampler(new Random(1))].sort()).toEqual([0, 1])
  })
})
