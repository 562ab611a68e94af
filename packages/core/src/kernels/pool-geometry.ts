import type { MaxPoolAttrs } from '../backend/contract.ts'
import { ShapeError } from '../errors.ts'
import { tf } from '../tf.ts'

/** Windows of a pooling on NHWC maps. */
export interface PoolGeometry {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly filterHeight: number
  readonly filterWidth: number
  readonly strideHeight: number
  readonly strideWidth: number
  readonly dilationHeight: number
  readonly dilationWidth: number
  readonly padTop: number
  readonly padLeft: number
}

export interface StockPoolAttrs {
  readonly filterSize: [number, number] | number
  readonly strides: [number, number] | number
  readonly pad: tf.MaxPoolAttrs['pad']
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' | undefined
}

/** The geometry of a tfjs pooling. */
export function stockPoolGeometry(shape: readonly number[], attrs: StockPoolAttrs): PoolGeometry {
  const { filterSize, strides, pad, dimRoundingMode } = attrs
  const map = shape as [number, number, number, number]
  const info = tf.backend_util.computePool2DInfo(map, filterSize, strides, 1, pad, dimRoundingMode)
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  }
}

/** The geometry of a `SegMaxPool` on `x [N,H,W,C]`. Throws `ShapeError` where a window could hold no pixel. */
export function segPoolGeometry(
  shape: readonly number[],
  { filterSize, strides, pad }: MaxPoolAttrs,
): PoolGeometry {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const [filterHeight, filterWidth] = filterSize
  const [top, bottom, left, right] = pad
  if (Math.max(top, bottom) > filterHeight / 2 || Math.max(left, right) > filterWidth / 2) {
    throw new ShapeError('max-pool/padding', 'SegMaxPool: a window could lie wholly in the padding', {
      expected: `padding of at most half the window [${filterSize}]`,
      received: `[${pad}]`,
    })
  }
  return {
    batch,
    height,
    width,
    channels,
    outHeight: Math.floor((height + top + bottom - filterHeight) / strides[0]) + 1,
    outWidth: Math.floor((width + left + right - filterWidth) / strides[1]) + 1,
    filterHeight,
    filterWidth,
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: top,
    padLeft: left,
  }
}

/** `[N, H', W', C]` of the output. */
export const poolOutputShape = (g: PoolGeometry): number[] => [g.batch, g.outHeight, g.outWidth, g.channels]
