import { registerRef } from '@limbeck/backend-ref'
import { type LayerContext, Random, type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { BatchNorm } from './batch-norm.ts'
import { ConvNorm } from './conv-norm.ts'
import { Conv2d } from './conv2d.ts'
import { TwinConv } from './twin-conv.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const random = new Random('twin-conv')
const size = { inChannels: 2, outChannels: 3, kernelSize: 3, bias: true, random }
const create = () => new ConvNorm(new Conv2d(size), new BatchNorm(3))
const evaluation: LayerContext = { mode: 'eval' }

const image = (): Tensor4D =>
  tf.tensor4d(
    Array.from({ length: 2 * 5 * 5 * 2 }, () => random.normal()),
    [2, 5, 5, 2],
  )
const distance = (a: Tensor4D, b: Tensor4D): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

/** A twin whose branches differ in every parameter and statistic. */
function learnt(): TwinConv {
  const twin = new TwinConv(create)
  twin.split()
  for (const branch of [twin.old, twin.new!]) {
    for (const [, state] of [...branch.parameters(), ...branch.buffers()]) {
      const values = Array.from({ length: state.tensor.size }, () => random.uniform(0.5, 2))
      state.assign(tf.tensor(values, state.tensor.shape))
    }
  }
  return twin
}

test('merging keeps the mean of both branches', () => {
  const twin = learnt()
  const x = image()
  const before = twin.forward(x, evaluation)
  twin.merge()
  expect(distance(twin.forward(x, evaluation), before)).toBeLessThan(1e-5)
})

test('merging beside the new branch as it was turns ½ old + ½ new into ¼ old + ¾ new', () => {
  const twin = learnt()
  const x = image()
  const old = twin.old.forward(x, evaluation)
  const added = twin.new!.forward(x, evaluation)
  twin.merge({ newBranch: 'keep' })
  const expected = tf.add(tf.mul(old, 1 / 4), tf.mul(added, 3 / 4)) as Tensor4D
  expect(distance(twin.forward(x, evaluation), expected)).toBeLessThan(1e-5)
})
