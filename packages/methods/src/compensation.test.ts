import { registerRef } from '@limbeck/backend-ref'
import { type Model, Random, type Tensor4D, type TwinBranches, tf } from '@limbeck/core'
import { parallelUnet } from '@limbeck/models'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Build, build, firstTask, randomBatch, secondTask, tryOut } from '../test/trial.ts'
import { focalKdMethod } from './focal-kd.ts'
import { rcil } from './rcil.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const parallel: Build = (classes, random = new Random('student')) =>
  parallelUnet({ classes, encoder: 'resnet-18', width: 2, random })

describe.each([
  ['rcil', rcil, true],
  ['focal-kd', focalKdMethod, false],
] as const)('%s', (_, create, freezes) => {
  it('splits the student for a task and merges it to the same function afterwards', async () => {
    const method = create()
    const previous = parallel(3)
    const { models, batch } = await tryOut(method, { task: secondTask, build: parallel, previous })
    const student = models.student!
    const names = [...student.parameters().keys()]
    const answer = () =>
      student.forward(batch.images as Tensor4D, { want: ['logits'], mode: 'eval' }).logits as Tensor4D
    const before = answer()
    method.spec.finish!({
      task: secondTask,
      options: method.options as never,
      student,
      state: new Map(),
    })
    expect(names.length).toBeGreaterThan([...student.parameters().keys()].length)
    expect([...student.parameters().keys()]).toEqual([...previous.parameters().keys()])
    expect(tf.max(tf.abs(tf.sub(answer(), before))).dataSync()[0]).toBeLessThan(1e-5)
  })

  it(`${freezes ? 'freezes' : 'goes on training'} the merged branch`, async () => {
    const { recipe, models } = await tryOut(create(), {
      task: secondTask,
      build: parallel,
      previous: parallel(3),
    })
    const names = [...models.student!.parameters().keys()]
    const frozen = names.filter((name) => recipe.groups?.some(({ match }) => match(name)))
    expect(frozen.length > 0).toBe(freezes)
    expect(frozen.every((name) => name.includes('.old.'))).toBe(true)
  })

  it('starts a task from the function of its teacher', async () => {
    const previous = parallel(3)
    const { models } = await tryOut(create(), { task: secondTask, build: parallel, previous })
    expect(oldClassGap(models.student!, previous)).toBeLessThan(1e-6)
  })

  it('refuses a student without branches, and says what to do', async () => {
    const trial = tryOut(create(), { task: secondTask, previous: build(3) })
    await expect(trial).rejects.toThrow('the student cannot split into branches')
    await expect(trial).rejects.toThrow('hint: use the model "parallel-unet", or compensation: false')
  })
})

describe('rcil, official', () => {
  const official = rcil({ preset: 'official' })

  it('has two branches that both learn from the first task on', async () => {
    const { models, recipe } = await tryOut(official, { task: firstTask, build: parallel })
    const student = models.student as Model & TwinBranches
    expect(student.isSplit && student.mixing).toBe(true)
    expect(recipe.groups ?? []).toEqual([])
  })

  it('merges at the start of a later task only, and keeps the new branches', async () => {
    const previous = parallel(3) as Model & TwinBranches
    previous.split()
    jitter(previous)
    const { models, recipe } = await tryOut(official, { task: secondTask, build: parallel, previous })
    const student = models.student as Model & TwinBranches
    const learnt = (model: Model) =>
      [...model.parameters()]
        .filter(([name]) => name.includes('.new.'))
        .map(([, { tensor }]) => tensor.dataSync())
    expect(learnt(student)).toEqual(learnt(previous))
    expect(oldClassGap(student, previous)).toBeGreaterThan(1e-6)
    const frozen = [...student.parameters().keys()].filter((name) => recipe.groups![0]!.match(name))
    expect(frozen).toHaveLength(learnt(student).length)
    const names = [...student.parameters().keys()]
    const { options } = official
    official.spec.finish!({ task: secondTask, options: options as never, student, state: new Map() })
    expect([...student.parameters().keys()]).toEqual(names)
  })
})

/** How far two models lie apart in the scores of the old foreground classes. */
function oldClassGap(...models: readonly [Model, Model]): number {
  const { images } = randomBatch(secondTask)
  const [a, b] = models.map((model) => {
    const { logits } = model.forward(images as Tensor4D, { want: ['logits'], mode: 'eval' })
    return tf.slice(logits!, [0, 0, 0, 1], [-1, -1, -1, 2])
  })
  return tf.max(tf.abs(tf.sub(a!, b!))).dataSync()[0]!
}

/** Moves every parameter. */
function jitter(model: Model): void {
  const random = new Random('jitter')
  for (const [, parameter] of model.parameters()) {
    const noise = Array.from({ length: parameter.tensor.size }, () => 0.1 * random.normal())
    parameter.assign(tf.add(parameter.tensor, tf.tensor(noise, parameter.tensor.shape)))
  }
}

describe('focalKdMethod', () => {
  it('weighs the distillation with √(classes / new classes), or by class', async () => {
    const weights = await Promise.all(
      (['sqrtRatio', 'ratio', 'none', 'perClass'] as const).map(async (reweighting) => {
        const method = focalKdMethod({ compensation: false, kdWeight: 1, reweighting })
        const { recipe } = await tryOut(method, { task: secondTask, previous: build(3) })
        return recipe.terms.find(({ name }) => name === 'kd')!.weight
      }),
    )
    expect(weights).toEqual([2, 3, 1, 1])
  })
})
