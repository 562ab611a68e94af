import { setTimeout as wait } from 'node:timers/promises'
import { Random, type Sample, type Split } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { originOf } from '../sampling/split-view.ts'
import type { Transform } from '../transforms/transform.ts'
import { type BatchOptions, batches } from './batches.ts'
import { loadBatches } from './load-batches.ts'
import { readHere } from './read-here.ts'
import type { SampleReader, SampleRequest } from './sample-reader.ts'
import { classBalancedSampler, rareClassSampler, uniformSampler } from './sampler.ts'
import { dealt, drawSamples, inEveryBatch, inTurn, type StreamCycle } from './streams.ts'

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
      image: Float32Array.from(sample.image, () => random.uniform()),
    })
    const run = (batchSize: number) =>
      collect({ split, batchSize, transform: { apply: shift, random: new Random(5) } })
    const flat = async (batchSize: number) => (await run(batchSize)).flatMap(({ images }) => [...images])
    expect(await flat(2)).toEqual(await flat(5))
    expect(new Set(await flat(1)).size).toBe(10)
  })
})

describe('loadBatches', () => {
  const requestsOf = (split: Split, count: number): SampleRequest[] =>
    Array.from({ length: count }, (_, i) => ({ origin: originOf(split, i), random: new Random(i) }))

  it('never has more samples under way than prefetch allows, and starts them ahead of time', async () => {
    let [open, most, started] = [0, 0, 0]
    const reader: SampleReader = {
      read: async ({ origin: { split, index } }) => {
        open++
        started++
        most = Math.max(most, open)
        await new Promise((resolve) => setImmediate(resolve))
        open--
        return split.read(index)
      },
      close: async () => {},
    }
    const split = splitOf(Array.from({ length: 40 }, () => [0]))
    let taken = 0
    for await (const { ids } of loadBatches({
      reader,
      requests: requestsOf(split, 40),
      batchSize: 4,
      prefetch: 3,
    })) {
      taken += ids.length
      expect(started - taken).toBeLessThanOrEqual(12)
      if (taken <= 24) expect(started - taken).toBeGreaterThanOrEqual(9)
    }
    expect(taken).toBe(40)
    expect(most).toBeLessThanOrEqual(13)
  })

  it('moves no instances, which batches do not hold', async () => {
    const split = splitOf([[0, 1]])
    const withInstances: Split = {
      ...split,
      read: async (index) => ({ ...(await split.read(index)), instances: Int32Array.of(0, 7) }),
    }
    const seen: boolean[] = []
    const look: Transform = (sample) => {
      seen.push('instances' in sample)
      return sample
    }
    await readHere(look).read({ origin: { split: withInstances, index: 0 }, random: new Random(1) })
    expect(seen).toEqual([false])
  })

  it('gives the error of a sample in its turn, after the batches before it', async () => {
    const broken: Split = {
      ...splitOf([[0], [0], [0], [0]]),
      read: async (index) => {
        if (index === 3) throw new Error('s3 is broken')
        return splitOf([[0], [0], [0], [0]]).read(index)
      },
    }
    const seen: string[] = []
    const load = async () => {
      for await (const { ids } of loadBatches({
        reader: readHere(),
        requests: requestsOf(broken, 4),
        batchSize: 2,
      })) {
        seen.push(...ids)
      }
    }
    await expect(load()).rejects.toThrow('s3 is broken')
    expect(seen).toEqual(['s0', 's1'])
  })
})

describe('loadBatches, when it is left', () => {
  const split = splitOf(Array.from({ length: 20 }, () => [0]))
  const requests: SampleRequest[] = Array.from({ length: 20 }, (_, i) => ({
    origin: originOf(split, i),
    random: new Random(i),
  }))
  let open = 0
  const reader: SampleReader = {
    async read({ origin: { index } }) {
      open++
      await wait(index === 5 ? 0 : 10)
      open--
      if (index === 5) throw new Error('s5 is broken')
      return split.read(index)
    },
    close: async () => {},
  }

  it('has nothing under way after an error', async () => {
    const load = async () => {
      for await (const _ of loadBatches({ reader, requests, batchSize: 2 }));
    }
    await expect(load()).rejects.toThrow('s5 is broken')
    expect(open).toBe(0)
  })

  it('has nothing under way after a loop that ends early', async () => {
    for await (const _ of loadBatches({ reader, requests: requests.slice(10), batchSize: 2 })) break
    expect(open).toBe(0)
  })
})

describe('streams', () => {
  const [many, few] = [splitOf(Array.from({ length: 9 }, () => [0])), splitOf([[1], [1]])]
  const streams = [many, few].map((split) => ({ split, sampler: uniformSampler(split) }))
  const draw = (cycle: StreamCycle, count: number) =>
    drawSamples(streams, { cycle, count, random: new Random(1) })
  const from = (requests: readonly SampleRequest[]) =>
    requests.map(({ origin }) => (origin.split === few ? 'few' : 'many'))

  it('take the same part in every batch', () => {
    const requests = draw(inEveryBatch([3, 1]), 8)
    expect(from(requests)).toEqual(['many', 'many', 'many', 'few', 'many', 'many', 'many', 'few'])
  })

  it('take turns, batch by batch or image by image', () => {
    expect(from(draw(inTurn(2, 2), 6))).toEqual(['many', 'many', 'few', 'few', 'many', 'many'])
    expect(from(draw(dealt(2), 5))).toEqual(['many', 'few', 'many', 'few', 'many'])
  })

  it('show all their images before one comes again, each stream at its own pace', () => {
    const requests = draw(inEveryBatch([1, 1]), 18)
    const shown = (split: Split) =>
      requests.filter(({ origin }) => origin.split === split).map(({ origin }) => origin.index)
    expect([...shown(many)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    for (let at = 0; at < 8; at += 2)
      expect(
        shown(few)
          .slice(at, at + 2)
          .sort(),
      ).toEqual([0, 1])
  })

  it('refuse one without images, which would be waited for in vain', () => {
    const none = splitOf([])
    const draw = () =>
      drawSamples([...streams, { split: none, sampler: uniformSampler(none) }], {
        cycle: dealt(3),
        count: 3,
        random: new Random(1),
      })
    expect(draw).toThrow('no images to draw from')
  })

  it('give each sample random numbers of its own', () => {
    const first = draw(dealt(2), 30).map(({ random }) => random.uniform())
    expect(new Set(first).size).toBe(30)
    expect(draw(dealt(2), 30).map(({ random }) => random.uniform())).toEqual(first)
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

  it('rare classes: images that show none are never drawn beside others', async () => {
    const sampler = await rareClassSampler(splitOf([[255], [0], [255], [1], [255]]))
    const drawn = [...Array(40).keys()].flatMap((seed) => sampler(new Random(seed)))
    expect(new Set(drawn)).toEqual(new Set([1, 3]))
  })

  it('rare classes: a hundred thousand images are drawn as quickly as they are many', async () => {
    const count = 100_000
    const split: Split = {
      ...splitOf([]),
      ids: Array.from({ length: count }, (_, i) => `${i}`),
      summary: async (i) => ({
        id: `${i}`,
        width: 1,
        height: 1,
        channels: 1,
        pixels: new Map([[i % 1000 === 0 ? 1 : 0, 1]]),
      }),
    }
    const drawn = (await rareClassSampler(split))(new Random(1))
    expect(drawn).toHaveLength(count)
    expect(drawn.filter((index) => index % 1000 === 0).length / count).toBeCloseTo(0.5, 1)
  })

  it('rare classes: images without any label are still drawn when there is nothing else', async () => {
    const sampler = await rareClassSampler(splitOf([[255], [255]]))
    expect([...sampler(new Random(1))].sort()).toEqual([0, 1])
  })

  it('class-balanced: each class is drawn as often, and then one of its images', async () => {
    // class 2 in one image, class 1 in the others, 0 in all
    const rows = Array.from({ length: 20 }, (_, i) => (i === 0 ? [0, 2] : [0, 1]))
    const sampler = await classBalancedSampler(splitOf(rows))
    const drawn = [...Array(50).keys()].flatMap((seed) => sampler(new Random(seed)))
    expect(drawn).toHaveLength(50 * 20)
    const rare = drawn.filter((index) => index === 0).length / drawn.length
    expect(Math.abs(rare - (1 / 3) * (1 / 20) - 1 / 3)).toBeLessThan(0.05)
  })

  it('class-balanced: images without any label are still drawn when there is nothing else', async () => {
    const sampler = await classBalancedSampler(splitOf([[255], [255]]))
    expect([...sampler(new Random(1))].sort()).toEqual([0, 1])
  })
})
