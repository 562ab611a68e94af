import { registerRef } from '@limbeck/backend-ref'
import { tf, weightAt } from '@limbeck/core'
import { mtnet } from '@limbeck/models'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Build, firstTask, measure, tryOut, unlabelled } from '../test/trial.ts'
import { cdma } from './cdma.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const build: Build = (classes, random) =>
  mtnet({ classes, encoder: 'resnet-18', width: 2, headWidth: 64, ...(random && { random }) })

describe('cdma', () => {
  it('lets all decoders of MTNet learn from each other on images without labels', async () => {
    const trial = unlabelled(await tryOut(cdma(), { task: firstTask, build }))
    const { values, gradient } = measure(trial)
    expect(values.ce).toBe(0)
    expect(values.cross).toBeGreaterThan(0)
    expect(values.entropy).toBeGreaterThan(0)
    expect(gradient).toBeGreaterThan(0)
  })

  it('does so only after a tenth of the training', async () => {
    const { recipe } = await tryOut(cdma(), { task: firstTask, build })
    const at = (fraction: number) => ({ task: 0, epoch: 0, epochs: 10, step: 0, steps: 10, fraction })
    const weights = (fraction: number) => recipe.terms.map(({ weight }) => weightAt(weight, at(fraction)))
    expect(weights(0.09)).toEqual([0.5, 0.5, 0, 0])
    expect(weights(0.1)).toEqual([0.5, 0.5, 0.1, 0.1])
  })

  it('refuses a student with one head', async () => {
    await expect(tryOut(cdma(), { task: firstTask })).rejects.toThrow('the student needs several heads')
  })
})
