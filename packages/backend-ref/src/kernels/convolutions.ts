import { tf } from '@limbeck/core'
import { convInputShape, convOutputShape, convolutionKernels } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import { activate } from './activation.ts'
import { conv, convGradFilter, convGradInput } from './conv.ts'

/** The convolutions of tfjs and of the contract. What is fused after one sees its float64 sums. */
export const convolutionsOfRef = convolutionKernels<RefBackend>({
  forward(backend, geometry, { x, filter, bias }, activation) {
    const shape = convOutputShape(geometry)
    const y = backend.allocate(shape, 'float32')
    const sums = activation ? new Float64Array(tf.util.sizeFromShape(shape)) : y.values
    conv(geometry, backend.values(x), backend.values(filter), sums, bias && backend.values(bias))
    if (activation) activate(backend, sums, shape, activation, y.values)
    return y.info
  },
  gradInput(backend, geometry, dy, filter) {
    const dx = backend.allocate(convInputShape(geometry), 'float32')
    convGradInput(geometry, backend.values(dy), backend.values(filter), dx.values)
    return dx.info
  },
  gradFilter(backend, geometry, { x, dy }, shape) {
    const { info, values } = backend.allocate(shape, 'float32')
    convGradFilter(geometry, backend.values(x), backend.values(dy), values)
    return info
  },
})
