import { type ConvGeometry, convInputShape, convOutputShape, convolutionKernels } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted } from './cast.ts'
import { activated } from './fused-activation.ts'

const intsOf = ({ inHeight, inWidth, ...rest }: ConvGeometry) => ({
  ...rest,
  height: inHeight,
  width: inWidth,
})

/** The convolutions of tfjs and of the contract, in float32. */
export const convolutionsOfNative = convolutionKernels<NativeBackend>({
  forward(backend, geometry, inputs, activation) {
    const [x, filter] = [
      converted(backend, inputs.x, 'float32'),
      converted(backend, inputs.filter, 'float32'),
    ]
    const y = backend.empty(convOutputShape(geometry), 'float32')
    backend.run('conv2d', { x, filter, bias: inputs.bias, y }, intsOf(geometry))
    return activated(backend, y, activation)
  },
  gradInput(backend, geometry, dy, filter) {
    const dx = backend.empty(convInputShape(geometry), 'float32')
    backend.run('conv2dGradInput', { dy, filter, dx }, intsOf(geometry))
    return dx
  },
  gradFilter(backend, geometry, { x, dy }, shape) {
    const dfilter = backend.empty(shape, 'float32')
    backend.run('conv2dGradFilter', { x, dy, dfilter }, intsOf(geometry))
    return dfilter
  },
})
