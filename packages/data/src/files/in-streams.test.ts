import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inStreams } from './in-streams.ts'

it('does each item once', async () => {
  const done: number[] = []
  await inStreams([1, 2, 3, 4, 5, 6, 7], async (item) => {
    await wait(7 - item)
    done.push(item)
  })
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
})

it('throws when what was under way has ended, and begins nothing more', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const work = inStreams([0, 1, 2, 3, 4, 5], async (item) => {
    begun.push(item)
    if (item === 1) throw new Error('power cut')
    await wait(20)
    ended.push(item)
  })
  await expect(work).rejects.toThrow('power cut')
  expect(ended).toEqual(begun.filter((item) => item !== 1))
  expect(begun).toEqual([0, 1, 2, 3])
})

it('throws the first error of several', async () => {
  const work = inStreams([0, 1], async (item) => {
    await wait(item === 0 ? 20 : 0)
    throw new Error(`error of ${item}`)
  })
  await expect(work).rejects.toThrow('error of 1')
})
