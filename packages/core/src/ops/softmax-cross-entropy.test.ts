import { registerRef } from '@limbeck/backend-ref'
import { Random, softmaxCrossEntropy, softmaxCrossEntropyOp, tf } from '@limbeck/core'
import { fcParameters, fillLabels, fillValues, labelRegime, mapShape, regime, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectCompositeAgrees } from '../../test/agrees-with-composite.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const logits = () => tf.tensor2d([2, -1, 0.5, 0, 0, 0], [2, 3])

describe('softmaxCrossEntropy', () => {
  it('has kernels that agree with its composite', () => {
    // numbers that float32 holds: tfjs rounds literals to it
    const options = fc.oneof(
      fc.record({ gamma: fc.constantFrom(0, 0.5, 1, 2, 3), smoothing: fc.constant(0), fold: fc.boolean() }),
      fc.record({ gamma: fc.constant(0), smoothing: fc.constantFrom(0.25, 0.875), fold: fc.constant(false) }),
    )
    const cases = fc.record({
      shape: mapShape({ maxSide: 4, maxChannels: 5 }),
      options,
      values: regime('normal', 'constant', 'extreme-logits'),
      labels: labelRegime(),
      weighted: fc.boolean(),
      seed: seed(),
    })
    fc.assert(
      fc.property(cases, ({ shape, options: { gamma, smoothing, fold }, values, labels, weighted, seed }) => {
        const random = new Random(seed)
        const classes = shape[3]
        const old = fold ? random.integer(classes) + 1 : 0
        tf.tidy(() => {
          expectCompositeAgrees(softmaxCrossEntropyOp, {
            inputs: {
              logits: tf.tensor(fillValues(values, shape, random), [...shape]),
              labels: tf.tensor(
                fillLabels(labels, shape.slice(0, 3), random, { classes }),
                shape.slice(0, 3),
                'int32',
              ),
              classWeights: weighted
                ? tf.tensor1d(Array.from({ length: classes }, () => random.uniform(0, 2)))
                : undefined,
            },
            attrs: {
              groups: Array.from({ length: classes }, (_, c) => (c < old ? 0 : c)),
              ignoreLabel: 255,
              gamma,
              smoothing,
            },
            wrt: 'logits',
            differentiable: [0],
          })
        })
      }),
      fcParameters({ runs: 40 }),
    )
  })

  it('counts labels outside the classes as ignored', () => {
    const { loss, weight } = softmaxCrossEntropy(logits(), tf.tensor1d([7, -1], 'int32'))
    expect([...loss.dataSync(), ...weight.dataSync()]).toEqual([0, 0, 0, 0])
  })

  it('smooths as PyTorch does, with class weights on every term', () => {
    const classWeights = tf.tensor1d([1, 2, 4])
    const { loss, weight } = softmaxCrossEntropy(logits(), tf.tensor1d([0, 1], 'int32'), {
      classWeights,
      smoothing: 0.3,
    })
    // torch.nn.functional.cross_entropy(…, weight, label_smoothing=0.3, reduction='none'): uniform row is log 3 · w
    expect(loss.dataSync()[1]).toBeCloseTo(Math.log(3) * (0.7 * 2 + 0.1 * 7), 6)
    expect(Array.from(weight.dataSync())).toEqual([1, 2])
  })

  it('names the shapes that do not fit', () => {
    expect(() => softmaxCrossEntropy(logits(), tf.tensor1d([0, 1, 2], 'int32'))).toThrow(
      /expected int32 \[2\]/,
    )
    expect(() => softmaxCrossEntropy(logits(), tf.tensor1d([0, 1], 'int32'), { groups: [0, 1, 3] })).toThrow(
      /one group per class/,
    )
    expect(() =>
      softmaxCrossEntropy(logits(), tf.tensor1d([0, 1], 'int32'), { groups: [0, 0, 2], smoothing: 0.1 }),
    ).toThrow(/smoothing/)
  })
})
