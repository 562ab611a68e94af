import { Random } from '@limbeck/core'
import {
  type Batch,
  dealt,
  drawSamples,
  loadBatches,
  readHere,
  type SampleReader,
  type SampleRequest,
  uniformSampler,
  viewSplit,
  WorkerReader,
} from '@limbeck/data'
import { afterAll, describe, expect, it } from 'vitest'
import { augment, type NumberedValue, numbered } from './fixtures/numbered-source.ts'

const BROKEN = 12
const FATAL = 13
const set: NumberedValue = { count: 14, broken: BROKEN, fatal: FATAL }
const all = numbered({ count: 14 })
/** The samples that can be read. */
const split = viewSplit(
  all,
  Uint8Array.from({ length: 256 }, (_, id) => id),
  [...Array(12).keys()],
)

const open: SampleReader[] = []
afterAll(async () => {
  await Promise.all(open.map((reader) => reader.close()))
})

function inThreads(workers: number, value: NumberedValue & { readonly plain?: boolean } = set): SampleReader {
  const module = new URL('./fixtures/numbered-source.ts', import.meta.url).href
  const reader = new WorkerReader({ workers, module, value, keyOf: ({ name }) => name })
  open.push(reader)
  return reader
}

function requests(count: number, shown = split): SampleRequest[] {
  const streams = [{ split: shown, sampler: uniformSampler(shown) }]
  return drawSamples(streams, { cycle: dealt(1), count, random: new Random('workers') })
}

async function load(reader: SampleReader, asked = requests(24)): Promise<Batch[]> {
  const loaded: Batch[] = []
  for await (const batch of loadBatches({ reader, requests: asked, batchSize: 4 })) loaded.push(batch)
  return loaded
}

const sample = (index: number): SampleRequest => ({ origin: { split: all, index }, random: new Random(0) })

describe('WorkerReader', () => {
  const [one, two] = [inThreads(1), inThreads(2)]

  it('gives the same batches as reading here, whatever the number of workers', async () => {
    const here = await load(readHere(augment))
    expect(here).toHaveLength(6)
    expect(await load(one)).toEqual(here)
    expect(await load(two)).toEqual(here)
  })

  it('takes labels through the table of a view', async () => {
    const table = Uint8Array.from({ length: 256 }, (_, id) => (id === 3 ? 1 : 255))
    const view = viewSplit(split, table, [4, 2, 7])
    const here = await load(readHere(augment), requests(4, view))
    expect(new Set(here[0]!.labels)).toEqual(new Set([1, 255]))
    expect(await load(two, requests(4, view))).toEqual(here)
  })

  it('leaves what the set caches alone where nothing is transformed', async () => {
    const reader = inThreads(1, { ...set, plain: true })
    const asked = requests(12)
    const first = await load(reader, asked)
    expect(await load(reader, asked)).toEqual(first)
    expect(first).toEqual(await load(readHere(), asked))
  })

  it('names the sample that cannot be read, and goes on with the others', async () => {
    await expect(two.read(sample(BROKEN))).rejects.toMatchObject({
      name: 'DataError',
      code: 'data/corrupt',
      message: 'sample "image-12": image-12.png: cannot be decoded',
    })
    expect((await two.read(sample(6))).id).toBe('image-6')
  })

  it('says why when the set cannot be opened', async () => {
    await expect(load(inThreads(1, { ...set, closed: true }))).rejects.toThrow(
      '/nowhere: the directory cannot be read',
    )
  })

  it('leaves nothing under way behind a loop that ends early', async () => {
    for await (const { ids } of loadBatches({ reader: two, requests: requests(24), batchSize: 4 })) {
      expect(ids).toHaveLength(4)
      break
    }
    expect(await load(two)).toEqual(await load(one))
  })

  it('fails, and does not hang, when a thread ends', async () => {
    const died = 'a worker thread that reads samples has ended'
    await expect(two.read(sample(FATAL))).rejects.toThrow(died)
    await expect(two.read(sample(FATAL))).rejects.toThrow(died)
  })

  it('fails reads that are under way when it is closed, and later ones too', async () => {
    const reader = inThreads(1)
    const reading = reader.read(sample(1))
    await Promise.all([expect(reading).rejects.toThrow('was closed'), reader.close()])
    await expect(reader.read(sample(1))).rejects.toThrow('was closed')
  })
})
