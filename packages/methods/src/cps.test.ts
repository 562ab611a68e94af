import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { firstTask, measure, only, tryOut, unlabelled } from '../test/trial.ts'
import { cps } from './cps.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('cps', () => {
  it('starts with two networks that differ', async () => {
    const { values } = measure(await tryOut(cps(), { task: firstTask }))
    expect(values.ce).not.toBe(values['ce twin'])
  })

  it('teaches from images without labels, where nothing else does', async () => {
    const trial = unlabelled(await tryOut(cps({ rampUp: 0 }), { task: firstTask }))
    const { values, gradient } = measure(trial)
    expect(values).toMatchObject({ ce: 0, 'ce twin': 0 })
    expect(values.cross).toBeGreaterThan(0)
    expect(gradient).toBeGreaterThan(0)
  })

  it('gives a network no gradient from what the other one learns from it', async () => {
    const trial = await tryOut(cps({ rampUp: 0 }), { task: firstTask })
    expect(measure(only(trial, /^cross twin$/)).gradient).toBe(0)
  })
})
