import { registerRef } from '@limbeck/backend-ref'
import {
  isExpandable,
  type Model,
  Random,
  type Scalar,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  attentionUnet,
  deeplabV3,
  deeplabV3Plus,
  modelsPlugin,
  mtnet,
  parallelUnet,
  separableUnet,
  unet,
  unet3Plus,
  unetPlusPlus,
} from '../src/index.ts'

const classes = 3

const networks: Readonly<Record<string, () => Model>> = {
  unet: () => unet({ classes, width: 2, depth: 2 }),
  'unet, transposed, instance norm': () =>
    unet({ classes, width: 2, depth: 2, upsampling: 'transposed', norm: 'instance' }),
  'unet, no norm': () => unet({ classes, width: 2, depth: 2, upsampling: 'transposed-4', norm: 'none' }),
  'unet, ResNet-18': () => unet({ classes, encoder: 'resnet-18', width: 2, upsampling: 'nearest' }),
  'unet, ResNet-50': () => unet({ classes, encoder: 'resnet-50', width: 2 }),
  'unet, Xception': () => unet({ classes, encoder: 'xception', width: 1 }),
  'unet, MobileNetV2': () => unet({ classes, encoder: 'mobilenet-v2', width: 4 }),
  'attention U-Net, lite': () => attentionUnet({ classes, width: 2, depth: 2 }),
  'attention U-Net, grid': () => attentionUnet({ classes, width: 2, depth: 2, gate: 'grid' }),
  'U-Net++': () => unetPlusPlus({ classes, width: 2, depth: 2 }),
  'U-Net++, ResNet-34': () => unetPlusPlus({ classes, encoder: 'resnet-34', width: 2 }),
  'U-Net3+': () => unet3Plus({ classes, width: 2, depth: 2 }),
  'U-Net3+, ResNet-18, guided': () =>
    unet3Plus({ classes, encoder: 'resnet-18', width: 2, deepSupervision: true, classificationGuided: true }),
  DeepLabv3: () => deeplabV3({ classes, encoder: 'resnet-34', width: 2, headWidth: 4, outputStride: 8 }),
  'DeepLabv3+': () => deeplabV3Plus({ classes, encoder: 'resnet-18', width: 2, headWidth: 4, lowWidth: 2 }),
  'DeepLabv3+, two convolutions': () =>
    deeplabV3Plus({ classes, encoder: 'mobilenet-v2', width: 4, headWidth: 4, decoderConvolutions: 2 }),
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

const random = new Random('image')
const image = (height: number, width: number): Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: 2 * height * width * 3 }, () => random.normal()),
    [2, height, width, 3],
  )

const logitsOf = (model: Model, x: Tensor4D): Tensor4D =>
  model.forward(x, { want: ['logits'], mode: 'eval' }).logits!

describe.each(Object.entries(networks))('%s', (_, build) => {
  test('tells the channels and the stride of every tap before any data', () => {
    const model = build()
    const [height, width] = [32, 64]
    const maps = model.forward(image(height, width), {
      want: model.taps.map(({ name }) => name),
      mode: 'eval',
    })
    for (const { name, channels, stride } of model.taps) {
      const size = [height, width].map((length) => Math.max(1, length / stride))
      expect(maps[name]!.shape, name).toEqual([2, ...size, channels])
    }
    expect(new Set(model.taps.map(({ name }) => name)).size, 'names are unique').toBe(model.taps.length)
    model.dispose()
  })

  test('takes images of any size, also smaller than its stride', () => {
    const model = build()
    for (const [height, width] of [
      [19, 26],
      [5, 1],
    ] as const) {
      expect(logitsOf(model, image(height, width)).shape).toEqual([2, height, width, classes])
    }
    model.dispose()
  })

  test('trains every parameter that the logits depend on, and leaves no tensor behind', () => {
    const model = build()
    const x = image(32, 32)
    const logits = model.taps.map(({ name }) => name).filter((name) => name.startsWith('logits'))
    const parameters = [...model.parameters()]
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const { gradients } = valueAndGradients(
        () => {
          const maps = model.forward(x, { want: logits, mode: 'train', random: new Random(1) })
          return { loss: tf.addN(logits.map((name) => tf.sum(tf.square(maps[name]!)))) as Scalar }
        },
        parameters.map(([, { tensor }]) => tensor),
      )
      parameters.forEach(([name], i) => {
        expect(gradients[i], `gradient of ${name}`).toBeDefined()
        expect(tf.all(tf.isFinite(gradients[i]!)).dataSync()[0], `finite gradient of ${name}`).toBe(1)
      })
    })
    expect(tf.memory().numTensors).toBe(before)
    model.dispose()
  })

  test('grows classes from the background without changing what it knows', () => {
    const model = build()
    if (!isExpandable(model)) throw new Error('every network of this package can take classes')
    const x = image(16, 16)
    const before = tf.softmax(logitsOf(model, x))
    model.expand({ newClasses: 2, initialisation: 'background', random: new Random(1) })
    const [background, old, added] = tf.split(tf.softmax(logitsOf(model, x)), [1, classes - 1, 2], 3)
    const folded = tf.concat([tf.add(background!, tf.sum(added!, 3, true)), old!], 3)
    expect(tf.max(tf.abs(tf.sub(folded, before))).dataSync()[0]).toBeLessThan(1e-5)
    expect(model.classes).toBe(classes + 2)
    expect(model.taps.find(({ name }) => name === 'logits')!.channels).toBe(classes + 2)
    model.dispose()
  })
})

test('the plugin has every network', () => {
  const built = [
    unet,
    attentionUnet,
    unetPlusPlus,
    unet3Plus,
    deeplabV3,
    deeplabV3Plus,
    parallelUnet,
    mtnet,
    separableUnet,
  ]
  expect(modelsPlugin.models).toEqual(built)
})

test('the student family has less than half a million parameters', () => {
  for (const size of ['tiny', 'small', 'medium', 'large'] as const) {
    const model = separableUnet({ classes: 7, size })
    expect(model.parameterCount(), size).toBeLessThan(500_000)
    model.dispose()
  }
})
