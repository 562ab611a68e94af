import { registerRef } from '@limbeck/backend-ref'
import {
  hasTwinBranches,
  type Model,
  Module,
  Random,
  type Scalar,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { ConvTranspose2d } from '../layers/conv-transpose2d.ts'
import { TwinConv } from '../layers/twin-conv.ts'
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

function build(compensation: Compensation = 'convolution') {
  const size = { classes: 3, encoder: 'resnet-18', width: 4, random: new Random('weights') } as const
  const model = parallelUnet({ ...size, compensation })
  if (!hasTwinBranches(model)) throw new Error('a parallel U-Net has twin branches')
  return model
}

const logits = (model: Model, image: Tensor4D): Tensor4D =>
  model.forward(image, { want: ['logits'], mode: 'eval' }).logits!

const distance = (a: Tensor4D, b: Tensor4D): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

function* twinsOf(module: Module): Generator<TwinConv> {
  for (const part of Object.values(module)) {
    if (part instanceof TwinConv) yield part
    else if (part instanceof Module) yield* twinsOf(part)
  }
}

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

test.each<Compensation>(['convolution', 'decoder'])(
  'by %s, mixing takes whole channels from one branch or both, in training only',
  (compensation) => {
    const model = build(compensation)
    const image = x()
    model.mixing = true
    model.split()
    learn(model, image)
    const train = (seed: number) =>
      model.forward(image, { want: ['logits'], mode: 'train', random: new Random(seed) }).logits!
    expect(distance(train(1), train(2))).toBeGreaterThan(1e-6)
    expect(distance(logits(model, image), logits(model, image))).toBe(0)
    model.mixing = false
    expect(distance(train(1), train(1))).toBe(0)
    expect(distance(train(1), train(2))).toBe(0)
  },
)

test('branches that both learn have batch statistics both, and neither remembers, until they are merged', () => {
  const model = build()
  const image = x()
  model.split({ oldBranch: 'learns' })
  const statistics = () =>
    [...model.buffers()].filter(([name]) => name.includes('.old.')).map(([, { tensor }]) => tensor.dataSync())
  const before = statistics()
  learn(model, image)
  expect(statistics()).not.toEqual(before)
  expect([...model.parameters().keys()].some((name) => model.remembers(name))).toBe(false)
  model.merge({ newBranch: 'keep' })
  expect(model.isSplit).toBe(true)
  const remembered = [...model.parameters().keys()].filter((name) => model.remembers(name))
  expect(remembered).toEqual([...model.parameters().keys()].filter((name) => name.includes('.old.')))
})

test('after a merge that keeps the new branches every convolution gives ¼ old + ¾ new', () => {
  const model = build()
  const image = x()
  model.split()
  learn(model, image)
  const evaluation = { mode: 'eval' } as const
  const twins = [...twinsOf(model)]
  const inputs = twins.map(({ old: { conv } }): Tensor4D => {
    const channels = conv.weight.tensor.shape[conv instanceof ConvTranspose2d ? 3 : 2]!
    return tf.tensor4d(
      Array.from({ length: 5 * 5 * channels }, () => random.normal()),
      [1, 5, 5, channels],
    )
  })
  const expected = twins.map((twin, i) => {
    const [old, learnt] = [twin.old, twin.new!].map((branch) => branch.forward(inputs[i]!, evaluation))
    return tf.add<Tensor4D>(tf.mul(old!, 1 / 4), tf.mul(learnt!, 3 / 4))
  })
  model.merge({ newBranch: 'keep' })
  expect(twins).toHaveLength(14)
  for (const [i, twin] of twins.entries()) {
    expect(distance(twin.forward(inputs[i]!, evaluation), expected[i]!)).toBeLessThan(1e-5)
  }
})

test('a merge that keeps the new branches leaves them as they are', () => {
  const model = build()
  const image = x()
  model.split()
  learn(model, image)
  const learnt = () =>
    [...model.parameters()]
      .filter(([name]) => name.includes('.new.'))
      .map(([, { tensor }]) => tensor.dataSync())
  const before = learnt()
  const answer = logits(model, image)
  model.merge({ newBranch: 'keep' })
  expect(learnt()).toEqual(before)
  expect(distance(logits(model, image), answer)).toBeGreaterThan(1e-6)
})
