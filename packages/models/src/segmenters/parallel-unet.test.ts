import { registerRef } from '@limbeck/backend-ref'
import {
  hasTwinBranches,
  type Model,
  Random,
  type Scalar,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { parallelUnet } from './parallel-unet.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const random = new Random('image')
const x: () => Tensor4D = () =>
  tf.tensor4d(
    Float32Array.from({ length: 2 * 24 * 24 * 3 }, () => random.normal()),
    [2, 24, 24, 3],
  )

type Compensation = 'convolution' | 'decoder'

function build(compensation: Compensation = 'convolution', channelDrop = false) {
  const size = { classes: 3, encoder: 'resnet-18', width: 4, random: new Random('weights') } as const
  const model = parallelUnet({ ...size, compensation, channelDrop })
  if (!hasTwinBranches(model)) throw new Error('a parallel U-Net has twin branches')
  return model
}

const logits = (model: Model, image: Tensor4D): Tensor4D =>
  model.forward(image, { want: ['logits'], mode: 'eval' }).logits!

const distance = (a: Tensor4D, b: Tensor4D): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

/** One step of gradient descent on new branches only, and a training forward that moves running statistics. */
function learn(model: ReturnType<typeof build>, image: Tensor4D): void {
  const learnt = [...model.parameters()].filter(([name]) => name.includes('.new.'))
  const { gradients } = valueAndGradients(
    () => {
      const maps = model.forward(image, { want: ['logits'], mode: 'train' })
      return { loss: tf.mean(tf.square(tf.sub(maps.logits!, 1))) as Scalar }
    },
    learnt.map(([, { tensor }]) => tensor),
  )
  learnt.forEach(([, parameter], i) => {
    parameter.assign(tf.add(parameter.tensor, tf.mul(gradients[i]!, -0.5)))
  })
}

test.each<Compensation>(['convolution', 'decoder'])(
  'splitting by %s doubles the decoder and keeps the function',
  (compensation) => {
    const model = build(compensation)
    const image = x()
    const before = logits(model, image)
    const count = model.parameterCount()
    const decoder = [...model.parameters()].filter(([name]) => name.startsWith('decoder.'))
    const size = decoder.reduce((sum, [, { tensor }]) => sum + tensor.size, 0)
    model.split()
    expect(model.parameterCount()).toBe(count + size)
    expect(distance(logits(model, image), before)).toBeLessThan(1e-12)
  },
)

test('merging every convolution keeps the function exactly, and the names', () => {
  const model = build()
  const image = x()
  const names = [...model.parameters().keys()]
  model.split()
  learn(model, image)
  const before = logits(model, image)
  model.merge()
  expect(distance(logits(model, image), before)).toBeLessThan(1e-10)
  expect([...model.parameters().keys()]).toEqual(names)
})

test('merging whole decoders keeps the function when nothing was learnt, and changes it otherwise', () => {
  const model = build('decoder')
  const image = x()
  const before = logits(model, image)
  model.split()
  model.merge()
  expect(distance(logits(model, image), before)).toBeLessThan(1e-12)
  model.split()
  learn(model, image)
  const learnt = logits(model, image)
  model.merge()
  expect(distance(logits(model, image), learnt)).toBeGreaterThan(1e-6)
})

test.each<Compensation>(['convolution', 'decoder'])(
  'by %s, old branches are remembered while there are new ones',
  (compensation) => {
    const model = build(compensation)
    const remembered = () => [...model.parameters().keys()].filter((name) => model.remembers(name))
    expect(remembered()).toEqual([])
    model.split()
    const names = [...model.parameters().keys()]
    expect(remembered()).toEqual(names.filter((name) => name.includes('.old.')))
    expect(remembered()).toHaveLength(names.filter((name) => name.includes('.new.')).length)
    model.merge()
    expect(remembered()).toEqual([])
  },
)

test('training beside a new branch leaves the statistics of the old one as they were', () => {
  const model = build()
  const image = x()
  model.split()
  const old = [...model.buffers()].filter(([name]) => name.includes('.old.'))
  const before = old.map(([, { tensor }]) => tensor.dataSync())
  learn(model, image)
  expect(old.map(([, { tensor }]) => tensor.dataSync())).toEqual(before)
})

test('channel drop takes whole channels from one branch or both, in training only', () => {
  const model = build('convolution', true)
  const image = x()
  model.split()
  learn(model, image)
  const train = (seed: number) =>
    model.forward(image, { want: ['logits'], mode: 'train', random: new Random(seed) }).logits!
  expect(distance(train(1), train(2))).toBeGreaterThan(1e-6)
  expect(distance(logits(model, image), logits(model, image))).toBe(0)
})
