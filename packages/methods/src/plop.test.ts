import { registerRef } from '@limbeck/backend-ref'
import { type Derivation, type Tensor, type Term, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, only, secondTask, type Trial, tryOut } from '../test/trial.ts'
import { fineTune } from './fine-tune.ts'
import { plop } from './plop.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const pod = /^pod /

/** What the recipe derives from the teacher and the labels. */
function derived({ recipe, models, batch }: Trial, name: string): Tensor {
  const derivation = recipe.derived!.find((one) => one.name === name) as Derivation
  const { logits } = models.teacher!.forward(batch.images as never, { want: ['logits'], mode: 'eval' })
  return derivation.compute({ teacher: logits!, labels: batch.labels! }, {}) as Tensor
}

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

  it('has no distance and no gradient between features that are equal', async () => {
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

  it('labels the surer half of the background with what the teacher sees, and ignores the rest', async () => {
    const trial = await tryOut(plop({ threshold: 0 }), { task: secondTask, previous: build(3) })
    const labels = [...trial.batch.labels!.dataSync()]
    const pseudo = [...derived(trial, 'pseudoLabels').dataSync()]
    const background = [...labels.keys()].filter((i) => labels[i] === 0)
    const sure = background.filter((i) => pseudo[i] !== 255)
    expect(sure.length / background.length).toBeGreaterThan(0.4)
    expect(sure.length / background.length).toBeLessThan(0.6)
    expect(pseudo.filter((_, i) => labels[i] === 3).every((label) => label === 3)).toBe(true)
  })

  it('takes every prediction as sure when the threshold is beyond all entropies', async () => {
    const trial = await tryOut(plop({ threshold: 1 }), { task: secondTask, previous: build(3) })
    expect([...derived(trial, 'pseudoLabels').dataSync()]).not.toContain(255)
  })

  it('measures other thresholds in the preset "official"', async () => {
    const share = async (preset: 'official' | 'corrected') => {
      const trial = await tryOut(plop({ preset, threshold: 0 }), { task: secondTask, previous: build(3) })
      return [...derived(trial, 'pseudoLabels').dataSync()].filter((label) => label !== 255).length
    }
    expect(await share('official')).not.toBe(await share('corrected'))
  })

  it('labels what is probable, where probability tells how sure the teacher is', async () => {
    const labelled = async (sureProbability: number) => {
      const options = { confidence: 'probability', sureProbability } as const
      const trial = await tryOut(plop(options), { task: secondTask, previous: build(3) })
      const labels = [...trial.batch.labels!.dataSync()]
      const pseudo = [...derived(trial, 'pseudoLabels').dataSync()]
      const background = [...labels.keys()].filter((i) => labels[i] === 0)
      return background.filter((i) => pseudo[i] !== 255).length / background.length
    }
    const surerHalf = await labelled(1)
    expect(surerHalf).toBeGreaterThan(0.4)
    expect(surerHalf).toBeLessThan(0.6)
    expect(await labelled(0)).toBe(1)
  })

  it('weighs images by their sure share, but not by probability in the preset "official"', async () => {
    const weights = async (preset: 'official' | 'corrected') => {
      const options = { preset, confidence: 'probability' } as const
      const { recipe } = await tryOut(plop(options), { task: secondTask, previous: build(3) })
      return (recipe.terms[0] as Term).reads.pixelWeights
    }
    expect(await weights('corrected')).toBe('derived.sureShare')
    expect(await weights('official')).toBeUndefined()
  })
})
