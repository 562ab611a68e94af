import type { Sample } from '@limbeck/core'
import { expect, it } from 'vitest'
import { SampleCache } from './sample-cache.ts'

/** Of two bytes a pixel. */
const sample = (pixels: number): Sample => ({
  id: 'x',
  width: pixels,
  height: 1,
  channels: 1,
  image: new Uint8Array(pixels),
  labels: new Uint8Array(pixels),
})

it('keeps what fits and nothing beyond its bound', async () => {
  const cache = new SampleCache(100)
  const reads: string[] = []
  const get = (id: string, pixels: number) =>
    cache.get(id, async () => {
      reads.push(id)
      return sample(pixels)
    })
  for (let pass = 0; pass < 2; pass++) for (const [id, pixels] of SIZES) await get(id, pixels)
  // 80 bytes of a, 20 of c; b would not have fitted beside a
  expect(reads).toEqual(['a', 'b', 'c', 'd', 'b', 'd'])
})

const SIZES = [
  ['a', 40],
  ['b', 30],
  ['c', 10],
  ['d', 1],
] as const

it('reads what is asked for twice at once once, and a failure again', async () => {
  const cache = new SampleCache(100)
  let reads = 0
  const get = () =>
    cache.get('a', async () => {
      if (++reads === 1) throw new Error('not yet')
      return sample(1)
    })
  const first = await Promise.allSettled([get(), get()])
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await get()).toBe(await get())
  expect(reads).toBe(2)
})
