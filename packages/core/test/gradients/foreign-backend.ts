import { type Tensor, type Tensor4D, tf } from '@limbeck/core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, test } from 'vitest'
import { gradient } from './check-gradient.ts'

describe('on a backend that knows nothing of our contract', () => {
  const both = async (f: (x: Tensor) => Tensor, lengths: [number, number, number, number]) => {
    const values = Float32Array.from({ length: lengths.reduce((n, length) => n * length, 1) }, (_, i) =>
      Math.sin(i),
    )
    const on = async (backend: string) => {
      await tf.setBackend(backend)
      return gradient((x) => tf.sum(tf.square(f(x))), tf.tensor4d(values, lengths))
    }
    const [theirs, ours] = [await on('cpu'), await on('ref')]
    const largest = Math.max(...ours.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    expect(Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / largest).toBeLessThan(1e-5)
  }
  const filter = () =>
    tf.tensor4d(
      Float32Array.from({ length: 18 }, (_, i) => Math.cos(i)),
      [3, 3, 2, 1],
    )

  test('a dilated convolution', () =>
    both((x) => tf.conv2d(x as Tensor4D, filter(), 1, 'same', 'NHWC', [2, 3]), [2, 7, 8, 2]))
  test('the filter of a dilated convolution', () =>
    both(
      (w) => tf.conv2d(tf.ones([1, 7, 7, 2]) as Tensor4D, w as Tensor4D, 1, 'same', 'NHWC', [2, 3]),
      [3, 3, 2, 2],
    ))
  test('a dilated depthwise convolution', () =>
    both((x) => tf.depthwiseConv2d(x as Tensor4D, filter(), 1, 'same', 'NHWC', 2), [1, 7, 7, 2]))
  test('an average pool with padding that rounds up', () =>
    both((x) => tf.avgPool(x as Tensor4D, 3, 2, 1, 'ceil'), [2, 6, 8, 2]))
  test('bilinear resizing with half pixels', () =>
    both((x) => tf.image.resizeBilinear(x as Tensor4D, [7, 5], false, true), [2, 4, 6, 2]))
  test('nearest resizing with half pixels', () =>
    both((x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [7, 5], false, true), [2, 4, 6, 2]))
})
