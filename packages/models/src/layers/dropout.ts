import { type LayerContext, type Random, type Tensor4D, tf } from '@limbeck/core'
import { Layer } from './layer.ts'

/**
 * Sets values to 0 with probability `rate` and divides the rest by 1 − rate; in mode `train` with a random source.
 *
 * A value is dropped when (its pixel's draw + its channel's draw) mod 1 falls below the rate. That is uniform, and
 * independent for any two values of an image, yet takes H·W + C draws and as many uploaded numbers instead of H·W·C.
 */
export class Dropout extends Layer {
  readonly #rate: number

  constructor(rate: number) {
    super()
    this.#rate = rate
  }

  forward(x: Tensor4D, { mode, random }: LayerContext): Tensor4D {
    if (mode !== 'train' || random === undefined || this.#rate === 0) return x
    const [n, h, w, c] = x.shape
    const draw = tf.mod(tf.add(uniform([n, h, w, 1], random), uniform([n, 1, 1, c], random)), 1)
    const kept = tf.cast(tf.greaterEqual(draw, this.#rate), 'float32')
    return tf.mul(x, tf.mul(kept, 1 / (1 - this.#rate)))
  }
}

function uniform(shape: Tensor4D['shape'], random: Random): Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1)
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => random.uniform()),
    shape,
  )
}
