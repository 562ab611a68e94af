import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { unetPlusPlus } from '@limbeck/models'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Build, firstTask, measure, tryOut } from '../test/trial.ts'
import { fineTune } from './fine-tune.ts'
import { supervised } from './supervised.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe('supervised', () => {
  it('is cross-entropy when nothing else is asked for', async () => {
    const ours = measure(await tryOut(supervised(), { task: firstTask }))
    expect(ours.total).toBe(measure(await tryOut(fineTune(), { task: firstTask })).total)
  })

  it('adds up losses, each with its own weight and options', async () => {
    const losses = { dice: { weight: 2 }, focal: { gamma: 0, reduction: 'valid' } } as const
    const { recipe } = await tryOut(supervised({ losses }), { task: firstTask })
    expect(recipe.terms.map(({ name, weight }) => [name, weight])).toEqual([
      ['focal', 1],
      ['dice', 2],
    ])
  })

  it('gives rare classes the weights that their pixels ask for', async () => {
    const trial = await tryOut(supervised({ classWeights: 'inverse' }), { task: firstTask })
    const labels = [...trial.batch.labels!.dataSync()]
    const [first] = trial.recipe.terms
    const weights = first!.kind === 'term' ? (first!.loss.options.classWeights as number[]) : []
    const counts = [0, 1, 2].map((c) => labels.filter((label) => label === c).length)
    const inverse = counts.map((count) => 1 / count)
    const sum = inverse.reduce((a, b) => a + b, 0)
    weights.forEach((weight, c) => {
      expect(weight).toBeCloseTo(inverse[c]! / sum, 6)
    })
  })

  it('gives weights to one loss alone', async () => {
    const losses = { focal: { classWeights: 'foreground-only' }, 'cross-entropy': {} } as const
    const { recipe } = await tryOut(supervised({ losses }), { task: firstTask })
    const weights = new Map(
      recipe.terms.map((one) => [one.name, one.kind === 'term' ? one.loss.options.classWeights : null]),
    )
    expect(weights.get('cross-entropy')).toBeUndefined()
    expect((weights.get('focal') as number[])[0]).toBe(0)
  })

  it('supervises every head of a student with several', async () => {
    const build: Build = (classes, random) =>
      unetPlusPlus({ classes, width: 2, depth: 2, ...(random && { random }) })
    const { recipe } = await tryOut(supervised(), { task: firstTask, build })
    const [first] = recipe.terms
    expect(first!.kind === 'term' && first!.reads.heads).toEqual(['student.logits.1', 'student.logits.2'])
  })

  it('refuses a loss that does not exist, and an option that a loss has not', () => {
    expect(() => supervised({ losses: { dise: {} } as never })).toThrow('Unrecognized key: "dise"')
    expect(() => supervised({ losses: { dice: { gamma: 2 } } as never })).toThrow('Unrecognized key: "gamma"')
  })
})
