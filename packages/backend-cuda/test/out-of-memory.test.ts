import { tf } from '@limbeck/core'
import type { NativeBackend } from '@limbeck/native'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerCuda } from '../src/index.ts'

// of this process, before the device is opened
process.env.LIMBECK_CUDA_MEMORY_LIMIT = '8'
const skip = registerCuda('cuda-emulated')

/** One step of gradient descent by hand on `size` × `size` images; what it computes lies in the scope of the caller. */
function step(size: number, filter: tf.Variable<tf.Rank.R4>): number {
  return tf.tidy(() => {
    const images = tf.fill([4, size, size, 4], 0.5) as tf.Tensor4D
    const y = tf.conv2d(images, filter as unknown as tf.Tensor4D, 1, 'same')
    filter.assign(tf.mul(filter, 0.9) as tf.Tensor4D)
    return tf.mean(tf.square(y)).dataSync()[0]!
  })
}

describe.skipIf(skip)(`cuda-emulated with 8 MiB${skip ? ` (skipped: ${skip})` : ''}`, () => {
  beforeAll(async () => {
    await tf.setBackend('cuda-emulated')
  })
  afterAll(() => {
    tf.disposeVariables()
  })

  it('says which kernel found no memory and who holds it, and goes on when tensors are freed', () => {
    const backend = tf.backend() as NativeBackend
    const filter = tf.variable(tf.fill([3, 3, 4, 4], 0.1)) as unknown as tf.Variable<tf.Rank.R4>
    const first = step(16, filter)
    const before = tf.memory().numTensors
    const { liveBytes } = backend.stats

    // 4 × 192 × 192 × 4 floats are 2.25 MiB
    const kept = [1, 2].map(() => tf.tidy(() => tf.square(tf.fill([4, 192, 192, 4], 1))))
    const failure = caught(() => step(192, filter))
    expect(failure).toMatchObject({ code: 'device/out-of-memory' })
    expect(failure.message).toMatch(/^\w+: no memory for 2 MiB: \d buffers hold 6 MiB/)
    expect(failure.message).toContain('the limit is 8 MiB; held by Square 4.5 MiB in 2, Fill 2.3 MiB in 2')

    tf.dispose(kept)
    expect(tf.memory().numTensors).toBe(before)
    expect(backend.stats.liveBytes).toBe(liveBytes)
    expect(step(16, filter)).toBeCloseTo(first * 0.81, 6)
    filter.dispose()
  })
})

function caught(call: () => unknown): Error & { readonly code?: string } {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
