import { tf } from '@limbeck/core'
import { onBackend } from '@limbeck/testing'
import { expect, it } from 'vitest'
import { registerCuda } from '../src/index.ts'

// of this process, before the device is opened
process.env.CUEMU_FAULT = 'sortShortRows:1'
process.env.LIMBECK_CUDA_SYNC = '1'
const skip = registerCuda('cuda-emulated')

it.skipIf(skip)(
  `LIMBECK_CUDA_SYNC=1 names the kernel that loses the GPU, with its shapes${skip ? ` (skipped: ${skip})` : ''}`,
  () => {
    onBackend('cuda-emulated', () => {
      const x = tf.square(tf.tensor2d([[3, 1, 2]]))
      const why =
        'topK(0, 1, 3, 2) broke off (cudaErrorIllegalAddress, an illegal memory access was encountered)'
      expect(() => tf.topk(x, 2)).toThrow(
        expect.objectContaining({
          code: 'device/cudaErrorIllegalAddress',
          message: `TopK: ${why}, and with it the GPU is lost to this process\n  received x float32 [1, 3]`,
        }),
      )
      expect(() => tf.neg(x)).toThrow(
        expect.objectContaining({
          code: 'device/lost',
          message: `the GPU is lost to this process, since ${why}`,
        }),
      )
    })
  },
)
