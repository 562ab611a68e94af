import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, only, secondTask, tryOut } from '../test/trial.ts'
import { fineTune } from './fine-tune.ts'
import { mib } from './mib.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('mib', () => {
  it('is plain training at the first task', async () => {
    const ours = measure(await tryOut(mib(), { task: firstTask }))
    const plain = measure(await tryOut(fineTune(), { task: firstTask }))
    expect(ours).toEqual(plain)
  })

  it('starts a task with the distillation at its minimum, the entropy of the teacher', async () => {
    const teacher = build(3)
    const trial = await tryOut(mib({ kdWeight: 1 }), { task: secondTask, previous: teacher })
    const kdOnly = only(trial, /^kd$/)
    const { values, gradient } = measure(kdOnly)
    const entropy = tf.tidy(() => {
      const { logits } = teacher.forward(trial.batch.images as tf.Tensor4D, {
        want: ['logits'],
        mode: 'eval',
      })
      const perPixel = tf.neg(tf.sum(tf.mul(tf.softmax(logits!), tf.logSoftmax(logits!)), 3))
      return tf.mean(perPixel).dataSync()[0]!
    })
    expect(values.kd).toBeCloseTo(entropy / 3, 5)
    expect(gradient).toBeLessThan(1e-6)
  })

  it('gives classes that no label shows no push away from the old ones', async () => {
    const trial = await tryOut(mib({ kdWeight: 0 }), { task: secondTask, previous: build(3) })
    const labels = tf.zerosLike(trial.batch.labels!)
    const unbiased = measure({ ...trial, batch: { ...trial.batch, labels } })
    const plain = await tryOut(fineTune(), { task: secondTask, previous: build(3) })
    const biased = measure({ ...plain, batch: { ...trial.batch, labels } })
    expect(unbiased.values.ce).toBeLessThan(biased.values.ce!)
  })

  it('takes the mean over all pixels in the preset "official"', async () => {
    const half = async (preset: 'official' | 'corrected') => {
      const trial = await tryOut(mib({ preset }), { task: secondTask, previous: build(3) })
      const labels = trial.batch.labels! as tf.Tensor3D
      const ignored = tf.concat([tf.slice(labels, [0, 0, 0], [1, 8, 8]), tf.fill([1, 8, 8], 255, 'int32')])
      return measure({ ...trial, batch: { ...trial.batch, labels: ignored } }).values.ce!
    }
    expect(await half('official')).toBeCloseTo((await half('corrected')) / 2, 6)
  })
})
