import {
  type ClassifierInitialisation,
  conv2d,
  defineModel,
  definePlugin,
  type ExpandableClassifier,
  type ForwardOptions,
  heNormal,
  Model,
  Module,
  Parameter,
  type Random,
  type Tap,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tf,
  z,
  zeros,
} from '@limbeck/core'

/** A square convolution that keeps the size. What is a property of a module is its parameter; that is all. */
class Conv extends Module {
  weight: Parameter
  bias: Parameter

  constructor(side: number, inChannels: number, outChannels: number, random: Random) {
    super()
    this.weight = new Parameter(heNormal([side, side, inChannels, outChannels], random), 'filter')
    this.bias = new Parameter(zeros([outChannels]))
  }

  forward(x: Tensor4D, dilation = 1): Tensor4D {
    const filter = this.weight.tensor as Tensor4D
    const pad = (dilation * (filter.shape[0] - 1)) / 2
    return conv2d(x, filter, this.bias.tensor as Tensor1D, { dilations: dilation, pad })
  }
}

/**
 * A model in one file: convolutions of growing dilation at full resolution, so that a few layers see far without
 * losing a pixel (Yu & Koltun, 2016).
 *
 * A model says which maps it offers (`taps`) before it sees any data, and `forward` computes those that are wanted.
 * `expand` lets it take new classes in a continual sequence; leave it out for a model that never does.
 */
class DilatedNet extends Model implements ExpandableClassifier {
  readonly layers: readonly Conv[]
  readonly classifier: Conv

  constructor(at: { inChannels: number; classes: number; width: number; depth: number; random: Random }) {
    super()
    const { inChannels, classes, width, depth, random } = at
    this.layers = Array.from(
      { length: depth },
      (_, i) => new Conv(3, i === 0 ? inChannels : width, width, random),
    )
    this.classifier = new Conv(1, width, classes, random)
  }

  get classes(): number {
    return this.classifier.bias.tensor.size
  }

  get taps(): readonly Tap[] {
    const width = this.classifier.weight.tensor.shape[2]!
    const levels = this.layers.map((_, i) => ({ name: `encoder.${i + 1}`, channels: width, stride: 1 }))
    return [...levels, { name: 'logits', channels: this.classes, stride: 1 }]
  }

  override forward(x: Tensor4D, { want }: ForwardOptions): Record<string, Tensor4D> {
    return tf.tidy(() => {
      const maps: Record<string, Tensor4D> = {}
      let map = x
      for (const [i, layer] of this.layers.entries()) {
        map = tf.relu(layer.forward(map, 2 ** i))
        maps[`encoder.${i + 1}`] = map
      }
      maps.logits = this.classifier.forward(map)
      return Object.fromEntries(want.map((name) => [name, maps[name]!]))
    })
  }

  /** New channels come last. They start like the background, which takes its share of probability back. */
  expand(at: { newClasses: number; initialisation: ClassifierInitialisation; random: Random }): void {
    const { weight, bias } = this.classifier
    const fromBackground = at.initialisation === 'background'
    const [filter, offset] = tf.tidy((): [Tensor, Tensor] => {
      const [, , inChannels] = weight.tensor.shape as [number, number, number]
      const background = tf.slice(weight.tensor as Tensor4D, [0, 0, 0, 0], [1, 1, inChannels, 1])
      const share = tf.sub(tf.slice(bias.tensor, 0, 1), Math.log(at.newClasses + 1))
      return fromBackground
        ? [
            tf.concat([weight.tensor, tf.tile(background, [1, 1, 1, at.newClasses])], 3),
            tf.concat([share, tf.slice(bias.tensor, 1), tf.tile(share, [at.newClasses])]),
          ]
        : [
            tf.concat([weight.tensor, heNormal([1, 1, inChannels, at.newClasses], at.random)], 3),
            tf.concat([bias.tensor, zeros([at.newClasses])]),
          ]
    })
    this.classifier.weight = new Parameter(filter, 'filter')
    this.classifier.bias = new Parameter(offset)
    weight.dispose()
    bias.dispose()
  }
}

export const dilatedNet = defineModel({
  name: 'dilated-net',
  summary: 'Convolutions of growing dilation at full resolution.',
  paper: 'https://arxiv.org/abs/1511.07122',
  options: {
    width: z.int().positive().default(16).describe('channels of every layer'),
    depth: z.int().positive().default(4).describe('layers; the last one has dilation 2^(depth − 1)'),
  },
  build: ({ options, inChannels, classes, random }) =>
    new DilatedNet({ ...options, inChannels, classes, random }),
})

export default definePlugin({ name: 'dilated-net', models: [dilatedNet] })
