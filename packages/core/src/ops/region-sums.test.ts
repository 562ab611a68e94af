import { registerRef } from '@limbeck/backend-ref'
import { Random, regionSums, regionSumsOp, tf } from '@limbeck/core'
import { fcParameters, fillLabels, fillValues, labelRegime, mapShape, regime, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectCompositeAgrees } from '../../test/agrees-with-composite.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('regionSums', () => {
  it('has kernels that agree with its composite', () => {
    const cases = fc.record({
      shape: mapShape({ maxSide: 4, maxChannels: 5 }),
      squared: fc.boolean(),
      values: regime('normal', 'constant', 'extreme-logits'),
      labels: labelRegime(),
      seed: seed(),
    })
    fc.assert(
      fc.property(cases, ({ shape, squared, values, labels, seed }) => {
        const random = new Random(seed)
        const pixels = shape.slice(0, 3)
        tf.tidy(() => {
          expectCompositeAgrees(regionSumsOp, {
            inputs: {
              logits: tf.tensor(fillValues(values, shape, random), [...shape]),
              labels: tf.tensor(fillLabels(labels, pixels, random, { classes: shape[3] }), pixels, 'int32'),
            },
            attrs: { ignoreLabel: 255, squared },
            wrt: 'logits',
            differentiable: [0, 1],
          })
        })
      }),
      fcParameters({ runs: 40 }),
    )
  })

  it('counts certain predictions like a confusion matrix', () => {
    const scores = tf.mul(tf.oneHot(tf.tensor2d([0, 1, 1, 1], [1, 4], 'int32'), 2, 1, 0, 'float32'), 1000)
    const labels = tf.tensor2d([0, 0, 1, 255], [1, 4], 'int32')
    const { intersection, predicted, actual } = regionSums(scores, labels)
    expect(Array.from(intersection.dataSync())).toEqual([1, 1])
    expect(Array.from(predicted.dataSync())).toEqual([1, 2])
    expect(Array.from(actual.dataSync())).toEqual([2, 1])
  })
})
