import { type ConvGeometry, convInputShape, convOutputShape, convolutionKernels } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted } from './cast.ts'
import { activated } from './fused-activation.ts'

/** Named as the native kernels name it; written out, since a copy with the rest spread costs more than a launch. */
const intsOf = (g: ConvGeometry) => ({
  batch: g.batch,
  height: g.inHeight,
  width: g.inWidth,
  inChannels: g.inChannels,
  filterHeight: g.filterHeight,
  filterWidth: g.filterWidth,
  outChannels: g.outChannels,
  outHeight: g.outHeight,
  outWidth: g.outWidth,
  strideHeight: g.strideHeight,
  strideWidth: g.strideWidth,
  padTop: g.padTop,
  padLeft: g.padLeft,
  dilationHeight: g.dilationHeight,
  dilationWidth: g.dilationWidth,
  groups: g.groups,
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
