import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, measure, only, secondTask, tryOut } from '../test/trial.ts'
import { ilt } from './ilt.ts'
import { lwf } from './lwf.ts'
import { lwfMc } from './lwf-mc.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('lwf', () => {
  it('starts with the distillation at its minimum, whatever the new classes say', async () => {
    const trial = await tryOut(lwf({ kdWeight: 1 }), { task: secondTask, previous: build(3) })
    expect(measure(only(trial, /^kd$/)).gradient).toBeLessThan(1e-6)
  })
})

describe('lwfMc', () => {
  it('weighs the distillation with the number of old classes', async () => {
    const { recipe } = await tryOut(lwfMc(), { task: secondTask, previous: build(3) })
    expect(recipe.terms.map(({ name, weight }) => [name, weight])).toEqual([
      ['bce', 1],
      ['kd', 30],
    ])
  })

  it('takes labels for new classes only when targets are replaced', async () => {
    const trial = await tryOut(lwfMc({ targets: 'replaced' }), { task: secondTask, previous: build(3) })
    const old = (label: number) => ({
      ...trial,
      batch: { ...trial.batch, labels: tf.fill([2, 8, 8], label, 'int32') },
    })
    expect(measure(old(0)).total).toBe(measure(old(2)).total)
    expect(measure(old(3)).total).not.toBe(measure(old(2)).total)
  })
})

describe('ilt', () => {
  it('starts with features that agree', async () => {
    const trial = await tryOut(ilt(), { task: secondTask, previous: build(3) })
    expect(measure(trial).values.features).toBe(0)
  })

  it('freezes the encoder, and nothing else, when asked', async () => {
    const { recipe, models } = await tryOut(ilt({ freezeEncoder: true }), {
      task: secondTask,
      previous: build(3),
    })
    const names = [...models.student!.parameters().keys()]
    const frozen = names.filter((name) => recipe.groups!.some(({ match }) => match(name)))
    expect(frozen.length).toBeGreaterThan(0)
    expect(frozen).toEqual(names.filter((name) => name.startsWith('encoder.')))
  })

  it('leaves pixels of new classes out of the masked distillation', async () => {
    const trial = await tryOut(ilt({ output: 'masked' }), { task: secondTask, previous: build(3) })
    const labels = tf.fill([2, 8, 8], 3, 'int32')
    expect(measure({ ...trial, batch: { ...trial.batch, labels } }).values.kd).toBe(0)
  })
})
