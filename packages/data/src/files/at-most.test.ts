import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { atMost } from './at-most.ts'

it('never has more under way, begins in order, and outlives what fails', async () => {
  const gate = atMost(3)
  const begun: number[] = []
  let [open, most] = [0, 0]
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, item) =>
      gate(async () => {
        begun.push(item)
        most = Math.max(most, ++open)
        await turn()
        open--
        if (item % 5 === 0) throw new Error('broken')
        return item
      }),
    ),
  )
  expect(most).toBe(3)
  expect(begun).toEqual([...begun.keys()])
  expect(results.map(({ status }, item) => (status === 'fulfilled') === (item % 5 !== 0))).not.toContain(
    false,
  )
  expect(await gate(async () => 'still open')).toBe('still open')
})
