import { registerRef } from '@limbeck/backend-ref'
import { Random, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { Classifier } from './classifier.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const values = (x: tf.Tensor): number[] => Array.from(x.dataSync())

function classifier(scores: 'softmax' | 'sigmoid' = 'softmax'): Classifier {
  const built = new Classifier({ inChannels: 2, classes: 2, scores, random: new Random(0) })
  built.weight.assign(tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]))
  built.bias.assign(tf.tensor1d([0.5, -1]))
  return built
}

test('new classes get the filter of the background and an even share of its probability', () => {
  const grown = classifier()
  grown.expand({ newClasses: 2, initialisation: 'background', random: new Random(1) })
  expect(values(grown.weight.tensor)).toEqual([1, 2, 1, 1, 3, 4, 3, 3])
  const share = Math.fround(0.5 - Math.log(3))
  values(grown.bias.tensor).forEach((bias, i) => {
    expect(bias).toBeCloseTo([share, -1, share, share][i]!, 6)
  })
  expect(grown.classes).toBe(4)
})

test('independent scores have nothing to share: new classes are copies of the background', () => {
  const grown = classifier('sigmoid')
  grown.expand({ newClasses: 1, initialisation: 'background', random: new Random(1) })
  expect(values(grown.bias.tensor)).toEqual([0.5, -1, 0.5])
})

test('a random start leaves old classes as they are and draws new filters, with biases of 0', () => {
  const grown = classifier()
  grown.expand({ newClasses: 1, initialisation: 'random', random: new Random(1) })
  const [w0, w1, added] = values(grown.weight.tensor)
  expect([w0, w1]).toEqual([1, 2])
  expect(added).not.toBe(0)
  expect(values(grown.bias.tensor)).toEqual([0.5, -1, 0])
})

test('growing frees what it replaces', () => {
  const grown = classifier()
  const before = tf.memory().numTensors
  grown.expand({ newClasses: 3, initialisation: 'background', random: new Random(1) })
  expect(tf.memory().numTensors).toBe(before)
})
