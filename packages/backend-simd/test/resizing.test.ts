import { tf } from '@limbeck/core'
import { onBackend } from '@limbeck/testing'
import { expect, it } from 'vitest'
import { registerSimd } from '../src/index.ts'

const skip = registerSimd()

it.skipIf(skip)(
  `a resized sample that lies on an input sample reads no other, with fused instructions too${skip ? ` (skipped: ${skip})` : ''}`,
  () => {
    onBackend('simd', () => {
      const resized = (row: number[]) =>
        tf.tidy(() => tf.image.resizeBilinear(tf.tensor4d(row, [1, 1, 3, 1]), [1, 9], false, true).dataSync())
      // by 3, which no double divides: samples 1, 4 and 7
      expect(resized([Number.NaN, 5, 6])[4]).toBe(5)
      expect(resized([4, Number.NaN, 6])[7]).toBe(6)
    })
  },
)
