import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, only, secondTask, tryOut } from '../test/trial.ts'
import { fineTune } from './fine-tune.ts'
import { plop } from './plop.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const pod = /^pod /

describe('plop', () => {
  it('is plain training at the first task', async () => {
    const ours = measure(await tryOut(plop(), { task: firstTask }))
    const plain = measure(await tryOut(fineTune(), { task: firstTask }))
    expect(ours).toEqual(plain)
  })

  it('compares every level of the encoder, the decoder and the logits', async () => {
    const { recipe } = await tryOut(plop(), { task: secondTask, previous: build(3) })
    const names = recipe.terms.map(({ name }) => name).filter((name) => pod.test(name))
    expect(names).toEqual(['pod encoder.1', 'pod bottleneck', 'pod decoder', 'pod logits'])
  })

  it('has no distance and no gradient between a student and a teacher that are equal', async () => {
    const trial = await tryOut(plop(), { task: secondTask, previous: build(3) })
    const features = only(trial, /^pod (encoder|bottleneck|decoder)/)
    expect(measure(features)).toMatchObject({ total: 0, gradient: 0 })
  })

  it('shares a factor of √(classes / new classes) among the maps', async () => {
    const options = { podFactor: 0.03, podLogitsFactor: 0.002 }
    const { recipe } = await tryOut(plop(options), { task: secondTask, previous: build(3) })
    const weights = recipe.terms.filter(({ name }) => pod.test(name)).map(({ weight }) => weight)
    const share = Math.sqrt(4 / 1) / 4
    expect(weights).toEqual([0.03, 0.03, 0.03, 0.002].map((factor) => share * factor))
  })
})
