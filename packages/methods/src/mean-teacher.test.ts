import { registerRef } from '@limbeck/backend-ref'
import { Random, type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { firstTask, measure, tryOut, unlabelled } from '../test/trial.ts'
import { meanTeacher } from './mean-teacher.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const values = (x: tf.Tensor) => [...x.dataSync()]

describe('meanTeacher', () => {
  it('starts from the student, so that they agree', async () => {
    const trial = unlabelled(await tryOut(meanTeacher({ rampUp: 0 }), { task: firstTask }))
    expect(measure(trial)).toMatchObject({ values: { ce: 0, consistency: 0 }, gradient: 0 })
  })

  it('moves its average towards the student by one minus the decay', async () => {
    const method = meanTeacher({ decay: 0.75 })
    const { recipe, models } = await tryOut(method, { task: firstTask })
    const [name, parameter] = [...models.student!.parameters()][0]!
    const average = models.ema!.parameters().get(name)!.tensor
    const before = values(average)
    parameter.assign(tf.add(parameter.tensor, 1))
    method.spec.afterStep!({
      task: firstTask,
      options: method.options as never,
      student: models.student!,
      models: recipe.models!,
      state: new Map(),
      progress: { task: 0, epoch: 0, epochs: 1, step: 99, steps: 100, fraction: 0.99 },
    })
    values(average).forEach((after, i) => {
      expect(after).toBeCloseTo(before[i]! + 0.25, 6)
    })
  })

  it('sees images under noise of the given strength, at most twice that', async () => {
    const { recipe } = await tryOut(meanTeacher({ noise: 0.1 }), { task: firstTask })
    const images = tf.zeros([1, 32, 32, 3]) as Tensor4D
    const noise = values(recipe.models!.ema!.perturb!(images, new Random(1)))
    const deviation = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length)
    expect(deviation).toBeGreaterThan(0.08)
    expect(deviation).toBeLessThan(0.1)
    expect(Math.max(...noise.map(Math.abs))).toBeCloseTo(0.2, 6)
  })
})
