import type { ConvAttrs } from '../backend/contract.ts'
import { tf } from '../tf.ts'

/** A two-dimensional convolution on NHWC maps with an HWIO filter `[h, w, inChannels / groups, outChannels]`. */
export interface ConvGeometry {
  readonly batch: number
  readonly inHeight: number
  readonly inWidth: number
  readonly inChannels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly outChannels: number
  readonly filterHeight: number
  readonly filterWidth: number
  readonly strideHeight: number
  readonly strideWidth: number
  readonly dilationHeight: number
  readonly dilationWidth: number
  readonly padTop: number
  readonly padLeft: number
  readonly groups: number
}

/** Output length along one axis: floor, as PyTorch. */
const outLength = (size: number, filter: number, stride: number, dilation: number, pad: number): number =>
  Math.floor((size + pad - dilation * (filter - 1) - 1) / stride) + 1

/** The geometry of a `SegConv2D` on `x [N,H,W,I]` with `filter [h,w,I/groups,O]`. */
export function segConvGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, groups }: ConvAttrs,
): ConvGeometry {
  const [batch, inHeight, inWidth, inChannels] = inputShape as [number, number, number, number]
  const [filterHeight, filterWidth, groupChannels, outChannels] = filterShape as [
    number,
    number,
    number,
    number,
  ]
  tf.util.assert(
    groupChannels * groups === inChannels && outChannels % groups === 0,
    () =>
      `SegConv2D: filter [${filterShape}] in ${groups} groups does not fit an input of shape [${inputShape}]`,
  )
  const [top, bottom, left, right] = pad
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: outLength(inHeight, filterHeight, strides[0], dilations[0], top + bottom),
    outWidth: outLength(inWidth, filterWidth, strides[1], dilations[1], left + right),
    outChannels,
    filterHeight,
    filterWidth,
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
    padTop: top,
    padLeft: left,
    groups,
  }
}

/** Attributes that tfjs's convolution kernels share; its gradient kernels may lack `dilations`. */
export interface StockConvAttrs {
  readonly strides: [number, number] | number
  readonly pad: tf.Conv2DAttrs['pad']
  readonly dataFormat?: 'NHWC' | 'NCHW'
  readonly dilations?: [number, number] | number | null
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' | undefined
}

/**
 * The geometry of a tfjs convolution. `inputShape` is in the order that `dataFormat` says; a depthwise filter is
 * `[h, w, inChannels, multiplier]`.
 */
export function stockConvGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat = 'NHWC', dilations, dimRoundingMode }: StockConvAttrs,
  { depthwise }: { readonly depthwise: boolean },
): ConvGeometry {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  )
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
    groups: depthwise ? info.inChannels : 1,
  }
}

/** `[N, H, W, C]` of the input. */
export const convInputShape = (g: ConvGeometry): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels]

/** `[N, H', W', C']` of the output. */
export const convOutputShape = (g: ConvGeometry): number[] => [
  g.batch,
  g.outHeight,
  g.outWidth,
  g.outChannels,
]
