import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, secondTask, tryOut } from '../test/trial.ts'
import { mib } from './mib.ts'
import { classWeightsOf } from './supervision.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('classWeightsOf', () => {
  it('takes those of the classes that a task has, from those of the whole sequence', () => {
    const options = { classWeights: [1, 2, 3, 4] }
    expect(classWeightsOf(firstTask, options)).toEqual([1, 2, 3])
    expect(classWeightsOf(secondTask, options)).toEqual([1, 2, 3, 4])
  })

  it('names the classes when a weight is missing', () => {
    expect(() => classWeightsOf(secondTask, { classWeights: [1, 2, 3] })).toThrow(
      'expected 4 weights (background, red, green, blue)\n  received 3 weights',
    )
  })
})

describe('superviseUnbiased', () => {
  it('asks Dice about new classes only, as labels show no others', async () => {
    const method = mib({ diceWeight: 1, kdWeight: 0 })
    const trial = await tryOut(method, { task: secondTask, previous: build(3) })
    const labels = tf.zerosLike(trial.batch.labels!)
    expect(measure({ ...trial, batch: { ...trial.batch, labels } }).values.dice).toBe(0)
    expect(measure(trial).values.dice).toBeGreaterThan(0)
  })

  it('weighs new classes as plain cross-entropy does', async () => {
    const lossOf = async (weight: number) => {
      const method = mib({ classWeights: [1, 1, 1, weight] })
      return measure(await tryOut(method, { task: secondTask, previous: build(3) })).values.ce!
    }
    // at the start, new pixels lose more than background, which has its own share of probability
    expect(await lossOf(10)).toBeGreaterThan(await lossOf(1))
  })
})
