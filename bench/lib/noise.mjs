// Large tensors of noise that cost the host little: a block of it, repeated on the device.
import { conv2d, tf } from '@limbeck/core'

const BLOCK = 2 ** 16

export function noise(shape, seed) {
  return tf.tidy(() => {
    const size = tf.util.sizeFromShape(shape)
    const block = tf.randomNormal([Math.min(size, BLOCK)], 0, 1, 'float32', seed)
    return tf.reshape(tf.slice(tf.tile(block, [Math.ceil(size / BLOCK)]), 0, size), shape)
  })
}

/** The same, [N,H,W,C], stored as the backend stores what a convolution gives. */
export function mapLikeConvolved(shape, seed) {
  return tf.tidy(() => {
    const channels = shape.at(-1)
    const unit = tf.reshape(tf.eye(channels), [1, 1, channels, channels])
    return conv2d(noise(shape, seed), unit, undefined, { pad: 0 })
  })
}
