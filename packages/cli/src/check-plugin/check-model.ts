import {
  isExpandable,
  type Model,
  type ModelFactory,
  Random,
  type Tensor,
  type Tensor4D,
  tf,
  valueAndGradients,
  type z,
} from '@limbeck/core'
import { type Check, check, fail } from './check.ts'

const CLASSES = 3
const NEW_CLASSES = 2
const CHANNELS = 3
/** Batch, height and width: an even size, and one that no halving divides, with a batch of one. */
const SIZES = [
  [2, 32, 32],
  [1, 37, 45],
] as const

/** Shapes, gradients and new classes of a model, on small random images. */
export async function checkModel(
  subject: string,
  factory: ModelFactory<z.ZodRawShape>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Check[]> {
  let model: Model
  try {
    model = factory({ ...options, classes: CLASSES, inChannels: CHANNELS, random: new Random(1) } as never)
  } catch (error) {
    const reason = `its options have no defaults: ${(error as Error).message}`
    return [{ subject, what: 'can be built', skipped: reason }]
  }
  const sized = await Promise.all(
    SIZES.map((size) =>
      check(subject, `has the taps that it announces on ${size.join(' × ')}`, () => {
        tf.tidy(() => checkTaps(model, size))
        return undefined
      }),
    ),
  )
  const rest = [
    await check(subject, 'gives every parameter a gradient', () => {
      tf.tidy(() => checkGradients(model))
      return undefined
    }),
    await check(subject, 'takes new classes', () => {
      if (!isExpandable(model)) return 'no expand: the model cannot learn classes later'
      model.expand({ newClasses: NEW_CLASSES, initialisation: 'background', random: new Random(2) })
      tf.tidy(() => checkTaps(model, SIZES[0]))
      const { channels } = model.taps.find(({ name }) => name === 'logits')!
      if (channels !== CLASSES + NEW_CLASSES) {
        fail(`${CLASSES + NEW_CLASSES} channels of logits after expand`, `${channels}`)
      }
      return undefined
    }),
  ]
  model.dispose()
  return [...sized, ...rest]
}

type Size = (typeof SIZES)[number]

const images = ([batch, height, width]: Size): Tensor4D => {
  const random = new Random('images')
  const values = Float32Array.from({ length: batch * height * width * CHANNELS }, () => random.normal())
  return tf.tensor4d(values, [batch, height, width, CHANNELS])
}

function checkTaps(model: Model, size: Size): void {
  const [batch, height, width] = size
  const want = model.taps.map(({ name }) => name)
  if (!want.includes('logits')) fail('a tap named "logits"', want.join(', '))
  for (const mode of ['eval', 'train'] as const) {
    const maps = model.forward(images(size), { want, mode, random: new Random(3) })
    for (const { name, channels, stride } of model.taps) {
      const shape = maps[name]?.shape ?? []
      const [b, h = 0, w = 0, c] = shape
      const fits = (side: number, full: number) =>
        stride === 1 ? side === full : side >= Math.floor(full / stride) && side <= Math.ceil(full / stride)
      if (b !== batch || c !== channels || !fits(h, height) || !fits(w, width)) {
        fail(
          `${name}: [${batch}, ${height}/${stride}, ${width}/${stride}, ${channels}]`,
          `[${shape.join(', ')}] in mode "${mode}"`,
        )
      }
    }
  }
}

/** Every tap adds to the loss, so that heads beside the main one count too. */
function checkGradients(model: Model): void {
  const names = [...model.parameters().keys()]
  const parameters = [...model.parameters().values()].map(({ tensor }) => tensor)
  const want = model.taps.map(({ name }) => name)
  const { gradients } = valueAndGradients(() => {
    const maps = model.forward(images(SIZES[0]), { want, mode: 'train', random: new Random(3) })
    return { loss: tf.addN(Object.values(maps).map((map) => tf.mean(tf.square(map as Tensor)))) as tf.Scalar }
  }, parameters)
  const without = names.filter((_, index) => !gradients[index])
  if (without.length > 0) fail('a gradient for every parameter', `none for ${without.join(', ')}`)
}
