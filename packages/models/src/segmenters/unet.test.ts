import { isExpandable, Random, type Tensor4D, tf, valueAndGradients } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import '@tensorflow/tfjs-backend-cpu'
import { unet } from './unet.ts'

beforeAll(() => tf.setBackend('cpu'))

const random = new Random('image')
const image = (height: number, width: number): Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: 2 * height * width * 3 }, () => random.normal()),
    [2, height, width, 3],
  )

test('taps tell the channels and the stride of every map before any data', () => {
  const model = unet({ classes: 5, width: 4, depth: 2 })
  const x = image(16, 24)
  const maps = model.forward(x, { want: model.taps.map(({ name }) => name), mode: 'eval' })
  for (const { name, channels, stride } of model.taps) {
    expect(maps[name]!.shape, name).toEqual([2, 16 / stride, 24 / stride, channels])
  }
})

test.each(['bilinear', 'nearest', 'transposed', 'nearest-conv'] as const)(
  '%s takes images of any size',
  (upsampling) => {
    const model = unet({ classes: 3, width: 2, depth: 3, upsampling })
    for (const [height, width] of [
      [13, 22],
      [3, 1],
    ] as const) {
      const { logits } = model.forward(image(height, width), { want: ['logits'], mode: 'eval' })
      expect(logits!.shape).toEqual([2, height, width, 3])
    }
  },
)

test('every parameter gets a gradient in train mode', () => {
  const model = unet({ classes: 3, width: 2, depth: 2, upsampling: 'transposed' })
  const x = image(16, 16)
  const parameters = [...model.parameters()]
  const { gradients } = valueAndGradients(
    () => ({ loss: tf.mean(tf.square(model.forward(x, { want: ['logits'], mode: 'train' }).logits!)) }),
    parameters.map(([, { tensor }]) => tensor),
  )
  parameters.forEach(([name], i) => {
    expect(tf.max(tf.abs(gradients[i]!)).dataSync()[0], name).toBeGreaterThan(0)
  })
})

test('classes grown from the background leave the softmax over the old ones as it was', () => {
  const model = unet({ classes: 3, width: 2, depth: 1 })
  if (!isExpandable(model)) throw new Error('a U-Net can take classes')
  const x = image(8, 8)
  const probabilities = () => tf.softmax(model.forward(x, { want: ['logits'], mode: 'eval' }).logits!)
  const before = probabilities()
  model.expand({ newClasses: 2, initialisation: 'background', random: new Random(1) })
  const [background, old, added] = tf.split(probabilities(), [1, 2, 2], 3)
  const folded = tf.concat([tf.add(background!, tf.sum(added!, 3, true)), old!], 3)
  expect(tf.max(tf.abs(tf.sub(folded, before))).dataSync()[0]).toBeLessThan(1e-6)
  expect(model.classes).toBe(5)
  expect(model.taps.find(({ name }) => name === 'logits')!.channels).toBe(5)
})
