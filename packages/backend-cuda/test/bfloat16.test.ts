/** With LIMBECK_CUDA_PRECISION=bf16: products on the tensor cores, maps stored as bfloat16. */
import { registerRef } from '@limbeck/backend-ref'
import { type Tensor4D, tf } from '@limbeck/core'
import { UNIT_ROUNDOFF } from '@limbeck/testing'
import { describeConformance } from '@limbeck/testing/vitest'
import { describeAddon } from '../../native/test/describe-addon.ts'
import { describeTraining } from '../../native/test/describe-training.ts'
import { loadCuda, registerCuda } from '../src/index.ts'

process.env.LIMBECK_CUDA_PRECISION = 'bf16' // for the addon, which asks when it is opened
registerRef()

/** The same map as a convolution stores it. */
const stored = (map: Tensor4D): Tensor4D =>
  tf.depthwiseConv2d(map, tf.ones([1, 1, map.shape[3], 1]), 1, 'same')

const { bfloat16, float32 } = UNIT_ROUNDOFF
const rounds = (kernel: string) => /Conv|MatMul|Einsum/.test(kernel)

for (const backend of ['cuda-emulated', 'cuda'] as const) {
  const skip = registerCuda(backend)
  const narrow = { skip, storage: bfloat16, stored, ...(backend === 'cuda-emulated' && { runs: 2 }) }
  describeAddon(backend, loadCuda(backend))
  describeConformance(backend, { ...narrow, unit: bfloat16, only: rounds })
  describeConformance(backend, { ...narrow, unit: float32, only: (kernel) => !rounds(kernel) })
  // maps are half as large; slopes of the loss and places of maxima stay as they are
  describeTraining(backend, { skip, tolerance: 0.03, mapBytes: 0.6 })
}
