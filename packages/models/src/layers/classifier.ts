import {
  type ClassifierInitialisation,
  conv2d,
  heNormal,
  Parameter,
  type Random,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tf,
  zeros,
} from '@limbeck/core'
import { samePadding } from './conv2d.ts'
import { Layer } from './layer.ts'

/** The class that new ones grow from: always the first channel. */
const BACKGROUND = 0

export interface ClassifierSize {
  readonly inChannels: number
  readonly classes: number
  /** Default 1. */
  readonly kernelSize?: number
  /** `softmax` (default): classes share one probability. `sigmoid`: each has its own. */
  readonly scores?: 'softmax' | 'sigmoid'
  readonly random: Random
}

/**
 * The last convolution, with a channel per class, background first: [N,H,W,I] → logits [N,H,W,classes]. It can take
 * more classes; their channels come last.
 */
export class Classifier extends Layer {
  weight: Parameter
  bias: Parameter
  readonly #scores: 'softmax' | 'sigmoid'

  constructor({ inChannels, classes, kernelSize = 1, scores = 'softmax', random }: ClassifierSize) {
    super()
    this.#scores = scores
    this.weight = new Parameter(heNormal([kernelSize, kernelSize, inChannels, classes], random), 'filter')
    this.bias = new Parameter(zeros([classes]))
  }

  get classes(): number {
    return this.bias.tensor.size
  }

  forward(x: Tensor4D): Tensor4D {
    const filter = this.weight.tensor as Tensor4D
    return conv2d(x, filter, this.bias.tensor as Tensor1D, { pad: samePadding(filter.shape[0]) })
  }

  /**
   * Adds channels for new classes.
   *
   * `background` is MiB's balanced start (Cermelli et al., 2020): a new class has the filter of the background, and
   * the background's probability is shared out evenly, b ← b_background − log(newClasses + 1) for the new classes
   * and the background itself. So the softmax over the old classes, with the new ones counted as background, is
   * what it was. With `sigmoid` scores there is nothing to share, and new classes start as copies of the background.
   * `random` draws filters as for a fresh model, with biases of 0.
   */
  expand({ newClasses, initialisation, random }: Expansion): void {
    const { weight, bias } = this
    const shares = this.#scores === 'softmax' ? newClasses + 1 : 1
    const [filter, offset] = tf.tidy((): [Tensor, Tensor] =>
      initialisation === 'background'
        ? grownFromBackground(weight.tensor as Tensor4D, bias.tensor as Tensor1D, { newClasses, shares })
        : [
            tf.concat([weight.tensor, heNormal([...weight.shape.slice(0, 3), newClasses], random)], 3),
            tf.concat([bias.tensor, zeros([newClasses])]),
          ],
    )
    this.weight = new Parameter(filter, weight.layout)
    this.bias = new Parameter(offset)
    weight.dispose()
    bias.dispose()
  }
}

interface Expansion {
  readonly newClasses: number
  readonly initialisation: ClassifierInitialisation
  readonly random: Random
}

interface Growth {
  readonly newClasses: number
  /** Into how many parts the background's probability is divided. */
  readonly shares: number
}

function grownFromBackground(
  filter: Tensor4D,
  bias: Tensor1D,
  { newClasses, shares }: Growth,
): [Tensor, Tensor] {
  const [h, w, inChannels] = filter.shape
  const background = tf.slice(filter, [0, 0, 0, BACKGROUND], [h, w, inChannels, 1])
  const share = tf.sub(tf.slice(bias, [BACKGROUND], [1]), Math.log(shares))
  const others = tf.slice(bias, [BACKGROUND + 1])
  return [
    tf.concat([filter, tf.tile(background, [1, 1, 1, newClasses])], 3),
    tf.concat([share, others, tf.tile(share, [newClasses])]),
  ]
}
