import { registerRef } from '@limbeck/backend-ref'
import { Random, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, tryOut } from '../test/trial.ts'
import { msKd } from './ms-kd.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

/** A teacher of one class that sees it everywhere, or nowhere. */
function teacher(seed: string, sees: boolean) {
  const model = build(2, new Random(seed))
  model
    .parameters()
    .get('segmentation_head.0.bias')!
    .assign(tf.tensor1d(sees ? [0, 100] : [100, 0]))
  return model
}

describe('msKd', () => {
  it('lets each teacher teach in its own region, on logits and features, without any label', async () => {
    const teachers = { red: teacher('red', true), green: teacher('green', false) }
    const { values, gradient } = measure(await tryOut(msKd(), { task: firstTask, teachers }))
    expect(values.organs).toBeGreaterThan(0)
    expect(values.background).toBe(0)
    expect(values['features red']).toBeGreaterThan(0)
    expect(values['features green']).toBe(0)
    expect(values).not.toHaveProperty('ce')
    expect(gradient).toBeGreaterThan(0)
  })

  it('lets all of them teach background where nobody sees a thing', async () => {
    const teachers = { red: teacher('red', false), green: teacher('green', false) }
    const { values } = measure(await tryOut(msKd(), { task: firstTask, teachers }))
    expect(values.organs).toBe(0)
    expect(values.background).toBeGreaterThan(0)
  })

  it.each([
    [true, 1],
    [false, 0],
  ])('logs how many pixels several teachers claim: both claim all, %s, %d', async (both, share) => {
    const teachers = { red: teacher('red', true), green: teacher('green', both) }
    const { values } = measure(await tryOut(msKd(), { task: firstTask, teachers }))
    expect(values.conflicts).toBe(share)
  })

  it('names a teacher that is missing', async () => {
    const trial = tryOut(msKd(), { task: firstTask, teachers: { red: teacher('red', true) } })
    await expect(trial).rejects.toThrow('"teachers.green.logits", which nothing provides')
  })

  it.each([
    ['one teacher for two organs', ['red', 'red']],
    ['an organ without a teacher', ['red']],
  ])('refuses %s', async (_, teachers) => {
    const trial = tryOut(msKd({ teachers }), { task: firstTask, teachers: { red: teacher('red', true) } })
    await expect(trial).rejects.toThrow('2 different teachers (for red, green)')
  })

  it('names the levels that can be compared', async () => {
    const teachers = { red: teacher('red', true), green: teacher('green', true) }
    const trial = tryOut(msKd({ level: 3 }), { task: firstTask, teachers })
    await expect(trial).rejects.toThrow('expected one of 1, 2\n  received 8')
  })
})
