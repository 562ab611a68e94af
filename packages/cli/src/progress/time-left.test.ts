import { expect, it } from 'vitest'
import { TimeLeft } from './time-left.ts'

const plan = (epochs: number, stepsPerEpoch: number) => ({ epochs, stepsPerEpoch }) as never
const at = (task: number, step: number, seconds: number) => ({
  progress: { task, step, steps: 20, epoch: 0, epochs: 2, fraction: 0 },
  seconds,
})

it('goes by the pace of the running task and counts the steps of those to come', () => {
  const left = new TimeLeft({ tasks: [plan(2, 10), plan(1, 5)] })
  expect(left.seconds(at(0, 0, 7))).toBeUndefined()
  // ten steps in 20 seconds; 9 and then 5 are left
  expect(left.seconds(at(0, 10, 27))).toBe(28)
})

it('starts anew where a run is resumed', () => {
  const left = new TimeLeft({ tasks: [plan(2, 10), plan(2, 10)] })
  left.seconds(at(0, 5, 5))
  expect(left.seconds(at(1, 12, 3))).toBeUndefined()
  expect(left.seconds(at(1, 14, 5))).toBe(5)
})
