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
import { afterEach, describe, expect, it } from 'vitest'
import { augment, type NumberedValue, numbered } from './fixtures/numbered-source.ts'

const split = numbered({ count: 12 })
const open: SampleReader[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.close()))
})

function inThreads(
  workers: number,
  value: NumberedValue & { readonly plain?: boolean } = { count: 12 },
): SampleReader {
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
  const all: Batch[] = []
  for await (const batch of loadBatches({ reader, requests: asked, batchSize: 4 })) all.push(batch)
  return all
}

describe('WorkerReader', () => {
  it('gives the same batches as reading here, whatever the number of workers', async () => {
    const here = await load(readHere(augment))
    expect(here).toHaveLength(6)
    expect(await load(inThreads(1))).toEqual(here)
    expect(await load(inThreads(3))).toEqual(here)
  })

  it('takes labels through the table of a view', async () => {
    const table = Uint8Array.from({ length: 256 }, (_, id) => (id === 3 ? 1 : 255))
    const view = viewSplit(split, table, [4, 2, 7])
    const here = await load(readHere(augment), requests(4, view))
    expect(new Set(here[0]!.labels)).toEqual(new Set([1, 255]))
    expect(await load(inThreads(2), requests(4, view))).toEqual(here)
  })

  it('leaves what the set caches alone where nothing is transformed', async () => {
    const reader = inThreads(1, { count: 12, plain: true })
    const asked = requests(12)
    const first = await load(reader, asked)
    expect(await load(reader, asked)).toEqual(first)
    expect(first).toEqual(await load(readHere(), asked))
  })

  it('names the sample that cannot be read, and goes on with the others', async () => {
    const reader = inThreads(2, { count: 12, broken: 5 })
    const [bad, good] = [5, 6].map((index) => ({ origin: { split, index }, random: new Random(0) }))
    await expect(reader.read(bad!)).rejects.toMatchObject({
      name: 'DataError',
      code: 'data/corrupt',
      message: 'sample "image-5": image-5.png: cannot be decoded',
    })
    expect((await reader.read(good!)).id).toBe('image-6')
  })

  it('says why when the set cannot be opened', async () => {
    await expect(load(inThreads(1, { count: 12, closed: true }))).rejects.toThrow(
      '/nowhere: the directory cannot be read',
    )
  })

  it('fails, and does not hang, when a thread ends', async () => {
    await expect(load(inThreads(2, { count: 12, fatal: 3 }))).rejects.toThrow(
      'a worker thread that reads samples has ended',
    )
  })

  it('fails reads that are under way when it is closed, and later ones too', async () => {
    const reader = inThreads(1)
    const [request] = requests(1)
    const reading = reader.read(request!)
    await Promise.all([expect(reading).rejects.toThrow('was closed'), reader.close()])
    await expect(reader.read(request!)).rejects.toThrow('was closed')
  })

  it('leaves nothing open behind a loop that ends early', async () => {
    const reader = inThreads(2)
    for await (const { ids } of loadBatches({ reader, requests: requests(24), batchSize: 4 })) {
      expect(ids).toHaveLength(4)
      break
    }
    await reader.close()
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort')).toEqual([])
  })
})
