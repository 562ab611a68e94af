import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { slots } from './slots.ts'

it('runs so many jobs at a time, in the order in which they came, and survives one that fails', async () => {
  const slot = slots(2)
  const begun: number[] = []
  let running = 0
  let most = 0
  const job = async (index: number) => {
    begun.push(index)
    most = Math.max(most, ++running)
    await setImmediate()
    running--
    if (index === 1) throw new Error('fails')
    return index
  }
  const ended = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => slot(() => job(index))))
  expect(ended.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect({ begun, most }).toEqual({ begun: [0, 1, 2, 3, 4], most: 2 })
})
