import { registerRef } from '@limbeck/backend-ref'
import { type Method, type MethodState, Random, type Tensor, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, gradientsOf, measure, parametersOf, secondTask, tryOut } from '../test/trial.ts'
import { taskGradients } from './consolidation.ts'
import { ewc } from './ewc.ts'
import { pi } from './pi.ts'
import { rw } from './rw.ts'
import { stateGroup } from './state-group.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const data = (x: Tensor) => [...x.dataSync()]
const largest = (x: Tensor) => tf.max(tf.abs(x)).dataSync()[0]!

/** Three steps of plain gradient descent on the first task, then its end. */
async function learnFirstTask(method: Method) {
  const trial = await tryOut(method, { task: firstTask })
  const state: MethodState = new Map()
  const { options, spec } = method
  const at = { task: firstTask, options: options as never, state }
  const student = trial.models.student!
  for (let step = 0; step < 3; step++) {
    const parameters = parametersOf(trial)
    const gradients = gradientsOf(trial, state)
    const progress = { task: 0, epoch: 0, epochs: 1, step, steps: 3, fraction: step / 3 }
    spec.afterBackward!({ ...at, parameters, gradients, progress })
    for (const [name, parameter] of student.parameters()) {
      const gradient = gradients.get(name)
      if (gradient) parameter.assign(tf.sub(parameter.tensor, tf.mul(gradient, 0.05)))
    }
  }
  await spec.finish!({ ...at, student })
  return { student, state }
}

describe.each([
  ['ewc', ewc({ rate: 0.5 }), 1],
  ['pi', pi(), 1],
  ['rw', rw({ every: 1 }), 2],
] as const)('%s', (_, method, most) => {
  it('finds some parameters important and others not', async () => {
    const { state } = await learnFirstTask(method)
    const importance = data(stateGroup(state, 'importance').get('segmentation_head.0.weight')!)
    expect(Math.min(...importance)).toBe(0)
    expect(Math.max(...importance)).toBeGreaterThan(0.9)
    expect(Math.max(...importance)).toBeLessThanOrEqual(most)
  })

  it('keeps nothing else that grows with the number of steps', async () => {
    const { state } = await learnFirstTask(method)
    const groups = new Set([...state.keys()].map((name) => name.split('/')[0]))
    const kept = method.name === 'ewc' ? [] : ['sum']
    expect([...groups].sort()).toEqual(['anchor', 'importance', ...kept])
  })

  it('holds what is important from the second task on, and new classes not at all', async () => {
    const { student, state } = await learnFirstTask(method)
    const trial = await tryOut(method, { task: secondTask, previous: student })
    expect(measure(trial, state).values.penalty).toBe(0)
    const classifier = trial.models.student!.parameters().get('segmentation_head.0.weight')!
    const moved = tf.concat([tf.fill([1, 1, 2, 3], 0.5), tf.fill([1, 1, 2, 1], 100)], 3)
    classifier.assign(tf.add(classifier.tensor, moved))
    const importance = stateGroup(state, 'importance').get('segmentation_head.0.weight')!
    const expected = tf.sum(importance).dataSync()[0]! * 0.25
    expect(measure(trial, state).values.penalty).toBeCloseTo(expected, 4)
  })

  it('learns the second task from its own gradients, without those of the penalty', async () => {
    const { student, state } = await learnFirstTask(method)
    const trial = await tryOut(method, { task: secondTask, previous: student })
    const random = new Random('moves')
    for (const [, parameter] of trial.models.student!.parameters()) {
      parameter.assign(tf.add(parameter.tensor, random.normal(0, 0.1)))
    }
    const parameters = parametersOf(trial)
    const own = taskGradients({
      options: method.options,
      parameters,
      state,
      gradients: gradientsOf(trial, state),
    })
    const plain = gradientsOf({ ...trial, recipe: { terms: trial.recipe.terms.slice(0, 1) } }, state)
    for (const [name, gradient] of plain) {
      expect(largest(tf.sub(own.get(name)!, gradient)), name).toBeLessThan(1e-3)
    }
  })

  it('refuses a second task when nothing was measured on the first', async () => {
    const trial = await tryOut(method, { task: secondTask, previous: build(3) })
    expect(() => measure(trial)).toThrow('nothing is known about which parameters matter')
  })
})
