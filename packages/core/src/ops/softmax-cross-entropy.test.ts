import { registerRef } from '@limbeck/backend-ref'
import { softmaxCrossEntropy, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const logits = () => tf.tensor2d([2, -1, 0.5, 0, 0, 0], [2, 3])

describe('softmaxCrossEntropy', () => {
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
