import { registerRef } from '@limbeck/backend-ref'
import { beforeAll, describe, expect, test } from 'vitest'
import { type GradConfig, type Tensor, type Tensor4D, tf } from '../tf.ts'
import { gradients } from './index.ts'
import { putInForce, restore, withOwnGradients } from './install.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

/** What importing `@tensorflow/tfjs` leaves behind: a gradient that refuses dilations. */
const stock: GradConfig = {
  kernelName: 'Conv2D',
  inputsToSave: ['x', 'filter'],
  gradFunc: () => {
    throw new Error('dilation rates greater than 1 are not yet supported in gradients')
  },
}

const ours = gradients.find(({ kernelName }) => kernelName === 'Conv2D')

describe('while our gradients are in force', () => {
  test('a dilated convolution trains although stock gradients were registered last, and they are back after', () => {
    tf.registerGradient(stock)
    try {
      const x = tf.ones<tf.Rank.R4>([1, 3, 3, 1])
      const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1])
      const convolve = (w: Tensor) => tf.conv2d(x, w as Tensor4D, 1, 'valid', 'NHWC', 2)
      expect(() => tf.grad(convolve)(filter)).toThrow('not yet supported')
      const gradient = withOwnGradients(() => tf.grad(convolve)(filter))
      expect(Array.from(gradient.dataSync())).toEqual([1, 1, 1, 1])
      expect(tf.getGradient('Conv2D')).toBe(stock)
    } finally {
      tf.unregisterGradient('Conv2D')
    }
  })

  test('nested use keeps them until the last one ends', () => {
    putInForce()
    putInForce()
    restore()
    expect(tf.getGradient('Conv2D')).toBe(ours)
    restore()
    expect(tf.getGradient('Conv2D')).toBeUndefined()
  })

  test('an error takes them back', () => {
    expect(() =>
      withOwnGradients(() => {
        throw new Error('forward failed')
      }),
    ).toThrow('forward failed')
    expect(gradients.filter(({ kernelName }) => tf.getGradient(kernelName))).toEqual([])
  })

  test('what someone else registers meanwhile stays', () => {
    withOwnGradients(() => tf.registerGradient(stock))
    expect(tf.getGradient('Conv2D')).toBe(stock)
    tf.unregisterGradient('Conv2D')
  })

  test('gradients of kernels that are not in the table are left alone', () => {
    const theirs: GradConfig = { kernelName: 'TheirKernel', gradFunc: () => ({}) }
    tf.registerGradient(theirs)
    withOwnGradients(() => expect(tf.getGradient('TheirKernel')).toBe(theirs))
    expect(tf.getGradient('TheirKernel')).toBe(theirs)
    tf.unregisterGradient('TheirKernel')
  })
})
