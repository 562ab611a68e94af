import { setTimeout as wait } from 'node:timers/promises'
import { DataError, type Dataset, type Sample } from '@limbeck/core'
import { expect, it } from 'vitest'
import { verify } from './verify.ts'

const sample = (id: string): Sample => ({
  id,
  width: 1,
  height: 1,
  channels: 1,
  image: Uint8Array.of(0),
  labels: Uint8Array.of(1),
})

function set(count: number, read: (id: string) => Promise<Sample>): Dataset {
  const ids = Array.from({ length: count }, (_, i) => `${i}`)
  const train = { name: 'train', ids, read: (index: number) => read(ids[index]!) }
  return { name: 'made-up', classes: [], channels: 1, splits: new Map([['train', train]]) }
}

it('reads every sample once, of each split that is named', async () => {
  const seen: string[] = []
  const dataset = set(9, async (id) => sample(id))
  await verify(dataset, ['train', 'train'], ({ id }, split) => seen.push(`${split}/${id}`))
  expect(seen.sort()).toEqual(Array.from({ length: 9 }, (_, i) => `train/${i}`))
  await expect(verify(dataset, ['trian'])).rejects.toThrow('did you mean "train"?')
})

it('ends with the first broken sample when nothing is under way any more', async () => {
  let open = 0
  let begun = 0
  const dataset = set(30, async (id) => {
    begun++
    open++
    if (id !== '1') await wait(10)
    open--
    if (id === '1') throw new DataError('data/corrupt', `${id}: broken`)
    return sample(id)
  })
  await expect(verify(dataset, ['train'])).rejects.toThrow('1: broken')
  expect(open).toBe(0)
  expect(begun).toBeLessThan(6)
})
