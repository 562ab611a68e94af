import { type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { onBackend } from '@limbeck/testing'
import { expect, it } from 'vitest'
import type { NativeBackend } from '../src/index.ts'

/** A step of gradient descent on `size` × `size` images; its loss. */
function step(size: number, filter: tf.Variable): number {
  return tf.tidy(() => {
    const images = tf.fill([4, size, size, 4], 0.5) as tf.Tensor4D
    const { value, gradients } = valueAndGradients(() => {
      const y = tf.conv2d(images, filter as Tensor as tf.Tensor4D, 1, 'same')
      return { loss: tf.mean(tf.square(y)) as tf.Scalar }
    }, [filter])
    filter.assign(tf.sub(filter, tf.mul(gradients[0]!, 0.1)))
    return value.loss.dataSync()[0]!
  })
}

/** Declares a test of a native backend that has 8 MiB, by a variable that was set before its device was opened. */
export function describeShortage(
  backend: string,
  { skip }: { readonly skip?: string | undefined } = {},
): void {
  const why = skip ? ` (skipped: ${skip})` : ''
  it.skipIf(skip)(`${backend} says who holds the memory that ran out, and a training goes on${why}`, () => {
    onBackend(backend, () => {
      const { stats } = tf.backend() as NativeBackend
      const filter = tf.variable(tf.fill([3, 3, 4, 4], 0.1))
      const first = step(16, filter)
      const before = tf.memory().numTensors
      const { liveBytes } = stats

      // 4 × 192 × 192 × 4 floats are 2.25 MiB
      const kept = [1, 2].map(() => tf.tidy(() => tf.square(tf.fill([4, 192, 192, 4], 1))))
      const failure = caught(() => step(192, filter))
      expect(failure).toMatchObject({ code: 'device/out-of-memory' })
      expect(failure.message).toMatch(/^\w+: no memory for 2 MiB: \d buffers hold 6 MiB/)
      expect(failure.message).toContain('the limit is 8 MiB; held by Square 4.5 MiB in 2, Fill 2.3 MiB in 2')
      expect(failure.message).toContain('\n  received x float32 [4, 192, 192, 4]')

      tf.dispose(kept)
      expect(tf.memory().numTensors).toBe(before)
      expect(stats.liveBytes).toBe(liveBytes)
      expect(step(16, filter)).toBeLessThan(first)
      filter.dispose()
    })
  })
}

function caught(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
