import type { ConvAttrs, SegKernels } from '../backend/contract.ts'
import { type TensorInfo, tf } from '../tf.ts'
import {
  type ConvGeometry,
  type StockConvAttrs,
  segConvGeometry,
  stockConvGeometry,
} from './conv-geometry.ts'
import type { FusedActivation } from './fused-activation.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { broadcast } from './tile.ts'
import { transposed } from './transpose.ts'

/** The three directions of a convolution on NHWC maps with HWIO filters: what a backend brings along. */
export interface Convolutions<Backend> {
  /** x, filter, bias? [outChannels] → a fresh y, after an activation where there is one. */
  forward(
    backend: Backend,
    geometry: ConvGeometry,
    inputs: { readonly x: TensorInfo; readonly filter: TensorInfo; readonly bias?: TensorInfo | undefined },
    activation?: FusedActivation,
  ): TensorInfo
  /** dy, filter → a fresh dx. */
  gradInput(backend: Backend, geometry: ConvGeometry, dy: TensorInfo, filter: TensorInfo): TensorInfo
  /** x, dy → a fresh dfilter of `shape`. */
  gradFilter(
    backend: Backend,
    geometry: ConvGeometry,
    maps: { readonly x: TensorInfo; readonly dy: TensorInfo },
    shape: readonly number[],
  ): TensorInfo
}

type DataFormat = StockConvAttrs['dataFormat']

/** The map with channels last; the caller releases it. */
const channelsLast = (backend: LayoutBackend, x: TensorInfo, format: DataFormat): TensorInfo =>
  format === 'NCHW' ? transposed(backend, x, [0, 2, 3, 1]) : backend.view(x)

/** A fresh map with channels last, given in the format that the caller of the kernel expects. */
function inFormat(backend: LayoutBackend, x: TensorInfo, format: DataFormat): TensorInfo {
  if (format !== 'NCHW') return x
  const result = transposed(backend, x, [0, 3, 1, 2])
  backend.release(x)
  return result
}

/** The bias with one value a channel, to be released; tfjs also lets a scalar through. */
const biasPerChannel = (backend: LayoutBackend, bias: TensorInfo, channels: number): TensorInfo =>
  tf.util.sizeFromShape(bias.shape) === 1 && channels > 1
    ? broadcast(backend, { ...bias, shape: [1] }, [channels])
    : backend.view(bias)

/** Slopes of PReLU, `[C, H, W]` in an NCHW convolution, with channels last; the caller releases them. */
const slopesChannelsLast = (backend: LayoutBackend, slopes: TensorInfo, format: DataFormat): TensorInfo =>
  format === 'NCHW' && slopes.shape.length === 3
    ? transposed(backend, slopes, [1, 2, 0])
    : backend.view(slopes)

type FusedAttrs = StockConvAttrs & Omit<FusedActivation, 'preluActivationWeights'>
type FusedInputs = Inputs<'x' | 'filter', 'bias' | 'preluActivationWeights'>
type GradInputAttrs = StockConvAttrs & { readonly inputShape: number[] }
type GradFilterAttrs = StockConvAttrs & { readonly filterShape: number[] }

/**
 * The convolution kernels of tfjs and of the contract, from a backend's three directions. tfjs's gradient kernels
 * take an optional `dilations`, which tfjs itself never sends.
 */
export function convolutionKernels<Backend extends LayoutBackend>(directions: Convolutions<Backend>) {
  const forward =
    ({ depthwise }: { depthwise: boolean }): Kernel<Backend, Inputs<'x' | 'filter'>, StockConvAttrs> =>
    ({ x, filter }, attrs, backend) => {
      const geometry = stockConvGeometry(x.shape, filter.shape, attrs, { depthwise })
      const map = channelsLast(backend, x, attrs.dataFormat)
      const y = directions.forward(backend, geometry, { x: map, filter })
      backend.release(map)
      return inFormat(backend, y, attrs.dataFormat)
    }

  const fused =
    ({ depthwise }: { depthwise: boolean }): Kernel<Backend, FusedInputs, FusedAttrs> =>
    ({ x, filter, bias, preluActivationWeights }, attrs, backend) => {
      const geometry = stockConvGeometry(x.shape, filter.shape, attrs, { depthwise })
      const map = channelsLast(backend, x, attrs.dataFormat)
      const biases = bias && biasPerChannel(backend, bias, geometry.outChannels)
      const slopes =
        preluActivationWeights && slopesChannelsLast(backend, preluActivationWeights, attrs.dataFormat)
      const y = directions.forward(
        backend,
        geometry,
        { x: map, filter, bias: biases },
        { ...attrs, preluActivationWeights: slopes },
      )
      for (const temporary of [map, biases, slopes]) if (temporary) backend.release(temporary)
      return inFormat(backend, y, attrs.dataFormat)
    }

  const gradInput =
    ({ depthwise }: { depthwise: boolean }): Kernel<Backend, Inputs<'dy' | 'filter'>, GradInputAttrs> =>
    ({ dy, filter }, attrs, backend) => {
      const geometry = stockConvGeometry(attrs.inputShape, filter.shape, attrs, { depthwise })
      const map = channelsLast(backend, dy, attrs.dataFormat)
      const dx = directions.gradInput(backend, geometry, map, filter)
      backend.release(map)
      return inFormat(backend, dx, attrs.dataFormat)
    }

  const gradFilter =
    ({ depthwise }: { depthwise: boolean }): Kernel<Backend, Inputs<'x' | 'dy'>, GradFilterAttrs> =>
    (inputs, attrs, backend) => {
      const geometry = stockConvGeometry(inputs.x.shape, attrs.filterShape, attrs, { depthwise })
      const x = channelsLast(backend, inputs.x, attrs.dataFormat)
      const dy = channelsLast(backend, inputs.dy, attrs.dataFormat)
      const dfilter = directions.gradFilter(backend, geometry, { x, dy }, attrs.filterShape)
      backend.release(x)
      backend.release(dy)
      return dfilter
    }

  const segConv2D: Kernel<Backend, Inputs<'x' | 'filter', 'bias'>, ConvAttrs> = (inputs, attrs, backend) =>
    directions.forward(backend, segConvGeometry(inputs.x.shape, inputs.filter.shape, attrs), inputs)

  const segConv2DGradInput: Kernel<
    Backend,
    Inputs<'dy' | 'filter'>,
    SegKernels['SegConv2DGradInput']['attrs']
  > = ({ dy, filter }, attrs, backend) =>
    directions.gradInput(backend, segConvGeometry(attrs.inputShape, filter.shape, attrs), dy, filter)

  const segConv2DGradFilter: Kernel<
    Backend,
    Inputs<'x' | 'dy'>,
    SegKernels['SegConv2DGradFilter']['attrs']
  > = ({ x, dy }, attrs, backend) =>
    directions.gradFilter(
      backend,
      segConvGeometry(x.shape, attrs.filterShape, attrs),
      { x, dy },
      attrs.filterShape,
    )

  return {
    Conv2D: forward({ depthwise: false }),
    Conv2DBackpropFilter: gradFilter({ depthwise: false }),
    Conv2DBackpropInput: gradInput({ depthwise: false }),
    DepthwiseConv2dNative: forward({ depthwise: true }),
    DepthwiseConv2dNativeBackpropFilter: gradFilter({ depthwise: true }),
    DepthwiseConv2dNativeBackpropInput: gradInput({ depthwise: true }),
    FusedConv2D: fused({ depthwise: false }),
    FusedDepthwiseConv2D: fused({ depthwise: true }),
    SegConv2D: segConv2D,
    SegConv2DGradFilter: segConv2DGradFilter,
    SegConv2DGradInput: segConv2DGradInput,
  } satisfies KernelTable
}
