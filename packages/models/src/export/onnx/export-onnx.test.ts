import { createRequire } from 'node:module'
import { registerRef } from '@limbeck/backend-ref'
import { type Model, Random, type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import {
  attentionUnet,
  deeplabV3,
  deeplabV3Plus,
  mtnet,
  parallelUnet,
  separableUnet,
  unet,
  unet3Plus,
  unetPlusPlus,
} from '../../index.ts'
import { exportOnnx } from './export-onnx.ts'

// by Node's own resolution, which finds the build for Node
const { InferenceSession, Tensor } = createRequire(import.meta.url)(
  'onnxruntime-web',
) as typeof import('onnxruntime-web')

/** Of the largest value. */
const TOLERANCE = 1e-4
/** Odd on purpose: skips and up-sampled maps then differ by a row or a column. */
const [height, width] = [37, 42]
const classes = 3

const networks: Readonly<Record<string, () => Model>> = {
  unet: () => unet({ classes, width: 2, depth: 2 }),
  'unet, transposed, instance norm': () =>
    unet({ classes, width: 2, depth: 2, upsampling: 'transposed', norm: 'instance' }),
  'unet, transposed 4×4, group norm': () =>
    unet({ classes, width: 4, depth: 2, upsampling: 'transposed-4', norm: 'group' }),
  'unet, ResNet-18, nearest': () =>
    unet({ classes, encoder: 'resnet-18', width: 2, upsampling: 'nearest', classifierSize: 3 }),
  'unet, ResNet-50': () => unet({ classes, encoder: 'resnet-50', width: 2 }),
  'unet, Xception': () => unet({ classes, encoder: 'xception', width: 1 }),
  'unet, MobileNetV2': () => unet({ classes, encoder: 'mobilenet-v2', width: 4 }),
  'attention U-Net, lite': () => attentionUnet({ classes, width: 2, depth: 2 }),
  'attention U-Net, grid': () => attentionUnet({ classes, width: 2, depth: 2, gate: 'grid' }),
  'U-Net++': () => unetPlusPlus({ classes, width: 2, depth: 2 }),
  'U-Net3+, guided': () =>
    unet3Plus({ classes, width: 2, depth: 2, deepSupervision: true, classificationGuided: true }),
  DeepLabv3: () => deeplabV3({ classes, encoder: 'resnet-34', width: 2, headWidth: 4, outputStride: 8 }),
  'DeepLabv3+': () => deeplabV3Plus({ classes, encoder: 'resnet-18', width: 2, headWidth: 4, lowWidth: 2 }),
  'parallel U-Net': () => parallelUnet({ classes, encoder: 'resnet-18', width: 2 }),
  'parallel U-Net, whole decoders': () =>
    parallelUnet({ classes, encoder: 'resnet-18', width: 2, compensation: 'decoder' }),
  MTNet: () => mtnet({ classes, encoder: 'resnet-18', width: 2, headWidth: 64 }),
  'separable U-Net': () => separableUnet({ classes, size: 'tiny' }),
}

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const random = new Random('onnx')
const pixels = (count: number) =>
  Float32Array.from({ length: count * 3 * height * width }, () => random.uniform())

/** Fresh biases are 0 and fresh statistics 0 and 1, which would hide much. */
function disturbed(model: Model): Model {
  for (const [, owned] of [...model.parameters(), ...model.buffers()]) {
    if (owned.shape.length !== 1) continue
    const values = Float32Array.from({ length: owned.shape[0]! }, () => random.uniform(0.5, 1.5))
    owned.assign(tf.keep(tf.tensor1d(values)))
  }
  return model
}

/** Channels-first pixels through onnxruntime: logits [N, classes, height, width]. */
async function inferred(file: Uint8Array, image: Float32Array, count: number): Promise<tf.Tensor4D> {
  const session = await InferenceSession.create(file)
  const { logits } = await session.run({ image: new Tensor('float32', image, [count, 3, height, width]) })
  await session.release()
  return tf.tensor4d(logits!.data as Float32Array, logits!.dims as [number, number, number, number])
}

const channelsLast = (image: Float32Array, count: number): Tensor4D =>
  tf.transpose(tf.tensor4d(image, [count, 3, height, width]), [0, 2, 3, 1])

function difference(expected: tf.Tensor, received: tf.Tensor): number {
  const [error, largest] = [tf.max(tf.abs(tf.sub(expected, received))), tf.max(tf.abs(expected))]
  return error.dataSync()[0]! / largest.dataSync()[0]!
}

test.each(Object.entries(networks))('%s gives the same logits in onnxruntime', async (_, build) => {
  const model = disturbed(build())
  const image = pixels(2)
  const { logits } = model.forward(channelsLast(image, 2), { want: ['logits'], mode: 'eval' })
  const expected = tf.transpose(logits!, [0, 3, 1, 2])
  const file = await exportOnnx(model, { height, width })
  expect(difference(expected, await inferred(file, image, 2))).toBeLessThan(TOLERANCE)
  model.dispose()
})

test('a batch may have any size, and the graph may normalise', async () => {
  const model = separableUnet({ classes, size: 'tiny' })
  const file = await exportOnnx(model, { height, width, input: { scale: 4, offset: -2 } })
  for (const count of [1, 3]) {
    const image = pixels(count)
    const normalised = tf.sub<Tensor4D>(tf.mul(channelsLast(image, count), 4), 2)
    const { logits } = model.forward(normalised, { want: ['logits'], mode: 'eval' })
    const expected = tf.transpose(logits!, [0, 3, 1, 2])
    expect(difference(expected, await inferred(file, image, count))).toBeLessThan(TOLERANCE)
  }
  model.dispose()
})

test('plain tfjs of a plugin gives the same too', async () => {
  const model = unet({ classes, width: 2, depth: 1 })
  const forward = model.forward.bind(model)
  model.forward = (x, options) => {
    const { logits } = forward(x, options)
    const perImage = tf.reshape(tf.sum(tf.abs(logits!), [1, 2, 3]), [-1, 1, 1, 1])
    const gate = tf.minimum(tf.maximum(tf.tanh(logits!), tf.exp(tf.neg(tf.square(logits!)))), 0.9)
    const scaled = tf.div(tf.sqrt(tf.log(tf.add(tf.pow(gate, 2), 2))), perImage)
    return { logits: tf.softmax(tf.mul<Tensor4D>(scaled, tf.reciprocal(tf.mean(scaled, 3, true)))) }
  }
  const image = pixels(2)
  const { logits } = model.forward(channelsLast(image, 2), { want: ['logits'], mode: 'eval' })
  const expected = tf.transpose(logits!, [0, 3, 1, 2])
  const file = await exportOnnx(model, { height, width })
  expect(difference(expected, await inferred(file, image, 2))).toBeLessThan(TOLERANCE)
  model.dispose()
})

test('a network with a kernel that has no counterpart is refused by name', async () => {
  const model = unet({ classes, width: 2, depth: 1 })
  const forward = model.forward.bind(model)
  model.forward = (x, options) => forward(tf.reverse(x, 1), options)
  await expect(exportOnnx(model, { height, width })).rejects.toThrow(/kernel "Reverse" has no counterpart/)
  expect(tf.getBackend()).toBe('ref')
  model.dispose()
})

test('the backend is what it was, and no tensor is left', async () => {
  const model = separableUnet({ classes, size: 'tiny' })
  const before = tf.memory().numTensors
  await exportOnnx(model, { height, width })
  expect(tf.memory().numTensors).toBe(before)
  expect(tf.getBackend()).toBe('ref')
  model.dispose()
})
