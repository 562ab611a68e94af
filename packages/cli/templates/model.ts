import {
  conv2d,
  defineModel,
  definePlugin,
  type ForwardOptions,
  heNormal,
  Model,
  Module,
  Parameter,
  type Random,
  type Tap,
  type Tensor1D,
  type Tensor4D,
  tf,
  z,
  zeros,
} from '@limbeck/core'

/** A 3 × 3 convolution that keeps the size. Properties that are parameters or modules are trained and saved. */
class Conv extends Module {
  readonly weight: Parameter
  readonly bias: Parameter

  constructor(inChannels: number, outChannels: number, random: Random) {
    super()
    this.weight = new Parameter(heNormal([3, 3, inChannels, outChannels], random), 'filter')
    this.bias = new Parameter(zeros([outChannels]))
  }

  forward(x: Tensor4D): Tensor4D {
    return conv2d(x, this.weight.tensor as Tensor4D, this.bias.tensor as Tensor1D, { pad: 1 })
  }
}

interface Size {
  readonly inChannels: number
  readonly classes: number
  readonly width: number
  readonly random: Random
}

/** Say here how the network is built. It takes images of any size. */
class TemplateName extends Model {
  readonly encoder: Conv
  readonly classifier: Conv
  /** Maps that it offers, known before it sees any data. For continual tasks, implement ExpandableClassifier too. */
  readonly taps: readonly Tap[]

  constructor({ inChannels, classes, width, random }: Size) {
    super()
    this.encoder = new Conv(inChannels, width, random)
    this.classifier = new Conv(width, classes, random)
    this.taps = [
      { name: 'encoder.1', channels: width, stride: 1 },
      { name: 'logits', channels: classes, stride: 1 },
    ]
  }

  override forward(x: Tensor4D, { want }: ForwardOptions): Record<string, Tensor4D> {
    return tf.tidy(() => {
      const encoded = tf.relu(this.encoder.forward(x))
      const maps: Record<string, Tensor4D> = {
        'encoder.1': encoded,
        logits: this.classifier.forward(encoded),
      }
      return Object.fromEntries(want.map((name) => [name, maps[name]!]))
    })
  }
}

export const templateName = defineModel({
  name: 'template-name',
  summary: 'Two convolutions at full resolution.',
  options: { width: z.int().positive().default(16).describe('channels of the first convolution') },
  build: ({ options: { width }, inChannels, classes, random }) =>
    new TemplateName({ inChannels, classes, width, random }),
})

export default definePlugin({ name: 'template-name', models: [templateName] })
