import { type RefBackend, registerRef } from '@limbeck/backend-ref'
import {
  ConfigError,
  type Mode,
  Random,
  ShapeError,
  type Tensor4D,
  tf,
  UnknownNameError,
} from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { unet } from './unet.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const image = (height: number, width: number): Tensor4D => tf.ones([2, height, width, 3])

test.each(['bilinear', 'nearest', 'nearest-conv', 'transposed', 'transposed-4'] as const)(
  'up-sampling %s meets skips of odd size',
  (upsampling) => {
    const model = unet({ classes: 3, width: 2, depth: 3, upsampling })
    const { logits } = model.forward(image(13, 22), { want: ['logits'], mode: 'eval' })
    expect(logits!.shape).toEqual([2, 13, 22, 3])
  },
)

function launches(want: readonly string[], mode: Mode): number {
  const model = unet({ classes: 3, width: 4, depth: 2 })
  const backend = tf.backend() as RefBackend
  const x = image(16, 16)
  tf.tidy(() => void model.forward(x, { want, mode })) // constants are uploaded once
  backend.resetStats()
  tf.tidy(() => void model.forward(x, { want, mode }))
  return backend.stats.launches
}

test('only the maps that a wanted one needs are computed', () => {
  const block = 2 * 3 // twice convolution, normalisation, ReLU
  expect(launches([], 'eval')).toBe(0)
  expect(launches(['encoder.1'], 'eval')).toBe(block)
  expect(launches(['encoder.2'], 'eval')).toBe(block + 1 + block)
  expect(launches(['encoder.2', 'encoder.1'], 'eval')).toBe(block + 1 + block)
  const decoder = launches(['decoder'], 'eval')
  expect(launches(['logits'], 'eval')).toBe(decoder + 1)
  expect(launches(['logits', 'decoder', 'bottleneck', 'encoder.1'], 'eval')).toBe(decoder + 1)
})

test('a training forward launches no more than its layers need', () => {
  const block = 2 * 4 // twice convolution, normalisation with ReLU, two running statistics
  const [levels, steps] = [3, 2]
  // pooling on the way down, resizing and concatenation on the way up, the classifier
  expect(launches(['logits'], 'train')).toBe((levels + steps) * block + steps * (1 + 2) + 1)
})

test('an unknown tap is named with the nearest one', () => {
  const model = unet({ classes: 2, width: 2, depth: 1 })
  const forward = () => model.forward(image(4, 4), { want: ['decodr'], mode: 'eval' })
  expect(forward).toThrow(UnknownNameError)
  expect(forward).toThrow('did you mean "decoder"?')
})

test('a depth beside an encoder that has its own is refused', () => {
  expect(() => unet({ classes: 2, encoder: 'resnet-18', depth: 3 })).toThrow(ConfigError)
})

test('an image with other channels than the model was built for is refused', () => {
  const model = unet({ classes: 2, inChannels: 1, width: 2, depth: 1 })
  expect(() => model.forward(image(4, 4), { want: ['logits'], mode: 'eval' })).toThrow(ShapeError)
})

test('the same seed gives the same weights, another seed others', () => {
  const first = (seed: number) => {
    const model = unet({ classes: 2, width: 2, depth: 1, random: new Random(seed) })
    return [...model.parameters()][0]![1].tensor.dataSync()
  }
  expect(first(1)).toEqual(first(1))
  expect(first(1)).not.toEqual(first(2))
})
