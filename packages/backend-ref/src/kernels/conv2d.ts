import { type TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import { activate, type FusedActivation } from './activation.ts'
import { conv, convGradFilter, convGradInput } from './conv.ts'
import {
  type ConvGeometry,
  convInputShape,
  convOutputShape,
  type StockConvAttrs,
  stockConvGeometry,
} from './conv-geometry.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { transposed } from './transpose.ts'

type DataFormat = StockConvAttrs['dataFormat']

/** The map with channels last; the caller releases it. */
const channelsLast = (backend: RefBackend, x: TensorInfo, format: DataFormat): TensorInfo =>
  format === 'NCHW' ? transposed(backend, x, [0, 2, 3, 1]) : backend.view(x)

/** A fresh map with channels last, given in the format that the caller of the kernel expects. */
function inFormat(backend: RefBackend, x: TensorInfo, format: DataFormat): TensorInfo {
  if (format !== 'NCHW') return x
  const result = transposed(backend, x, [0, 3, 1, 2])
  backend.release(x)
  return result
}

const forward =
  ({ depthwise }: { depthwise: boolean }): RefKernel<Inputs<'x' | 'filter'>, StockConvAttrs> =>
  ({ x, filter }, attrs, backend) => {
    const geometry = stockConvGeometry(x.shape, filter.shape, attrs, { depthwise })
    const map = channelsLast(backend, x, attrs.dataFormat)
    const y = backend.allocate(convOutputShape(geometry), 'float32')
    conv(geometry, backend.values(map), backend.values(filter), y.values)
    backend.release(map)
    return inFormat(backend, y.info, attrs.dataFormat)
  }

type FusedAttrs = StockConvAttrs & Omit<FusedActivation, 'preluActivationWeights'>
type FusedInputs = Inputs<'x' | 'filter', 'bias' | 'preluActivationWeights'>

const fused =
  ({ depthwise }: { depthwise: boolean }): RefKernel<FusedInputs, FusedAttrs> =>
  ({ x, filter, bias, preluActivationWeights }, attrs, backend) => {
    const geometry = stockConvGeometry(x.shape, filter.shape, attrs, { depthwise })
    const map = channelsLast(backend, x, attrs.dataFormat)
    const shape = convOutputShape(geometry)
    const sums = new Float64Array(tf.util.sizeFromShape(shape))
    conv(geometry, backend.values(map), backend.values(filter), sums, biasPerChannel(backend, geometry, bias))
    backend.release(map)

    const slopes =
      preluActivationWeights && slopesChannelsLast(backend, preluActivationWeights, attrs.dataFormat)
    const y = backend.allocate(shape, 'float32')
    activate(backend, sums, shape, { ...attrs, preluActivationWeights: slopes }, y.values)
    if (slopes) backend.release(slopes)
    return inFormat(backend, y.info, attrs.dataFormat)
  }

/** The bias with one value a channel; tfjs also lets a scalar through. */
function biasPerChannel(backend: RefBackend, geometry: ConvGeometry, bias: TensorInfo | undefined) {
  if (!bias) return undefined
  const values = backend.values(bias)
  return values.length === 1 ? new Float64Array(geometry.outChannels).fill(values[0]!) : values
}

/** Slopes of PReLU, `[C, H, W]` in an NCHW convolution, with channels last; the caller releases them. */
const slopesChannelsLast = (backend: RefBackend, slopes: TensorInfo, format: DataFormat): TensorInfo =>
  format === 'NCHW' && slopes.shape.length === 3
    ? transposed(backend, slopes, [1, 2, 0])
    : backend.view(slopes)

type GradInputAttrs = StockConvAttrs & { readonly inputShape: number[] }

const gradInput =
  ({ depthwise }: { depthwise: boolean }): RefKernel<Inputs<'dy' | 'filter'>, GradInputAttrs> =>
  ({ dy, filter }, attrs, backend) => {
    const geometry = stockConvGeometry(attrs.inputShape, filter.shape, attrs, { depthwise })
    const map = channelsLast(backend, dy, attrs.dataFormat)
    const dx = backend.allocate(convInputShape(geometry), 'float32')
    convGradInput(geometry, backend.values(map), backend.values(filter), dx.values)
    backend.release(map)
    return inFormat(backend, dx.info, attrs.dataFormat)
  }

type GradFilterAttrs = StockConvAttrs & { readonly filterShape: number[] }

const gradFilter =
  ({ depthwise }: { depthwise: boolean }): RefKernel<Inputs<'x' | 'dy'>, GradFilterAttrs> =>
  ({ x, dy }, attrs, backend) => {
    const geometry = stockConvGeometry(x.shape, attrs.filterShape, attrs, { depthwise })
    const mapX = channelsLast(backend, x, attrs.dataFormat)
    const mapDy = channelsLast(backend, dy, attrs.dataFormat)
    const { info, values } = backend.allocate(attrs.filterShape, 'float32')
    convGradFilter(geometry, backend.values(mapX), backend.values(mapDy), values)
    backend.release(mapX)
    backend.release(mapDy)
    return info
  }

/** tfjs's convolutions; their gradient kernels take an optional `dilations`, which tfjs itself never sends. */
export const conv2dKernels = {
  Conv2D: forward({ depthwise: false }),
  Conv2DBackpropFilter: gradFilter({ depthwise: false }),
  Conv2DBackpropInput: gradInput({ depthwise: false }),
  DepthwiseConv2dNative: forward({ depthwise: true }),
  DepthwiseConv2dNativeBackpropFilter: gradFilter({ depthwise: true }),
  DepthwiseConv2dNativeBackpropInput: gradInput({ depthwise: true }),
  FusedConv2D: fused({ depthwise: false }),
  FusedDepthwiseConv2D: fused({ depthwise: true }),
} satisfies KernelTable
