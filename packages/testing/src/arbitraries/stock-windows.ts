import { tf } from '@limbeck/core'
import fc from 'fast-check'
import { windowCase } from './windows.ts'

/** Padding of an NHWC map, `[top, bottom, left, right]`, as tfjs writes it. */
export const explicitPadding = ([top, bottom, left, right]: readonly number[]) =>
  [
    [0, 0],
    [top!, bottom!],
    [left!, right!],
    [0, 0],
  ] as tf.backend_util.ExplicitPadding

/** Windows with tfjs's ways to pad and round; tfjs wants a stride or a dilation of 1. */
export const stockWindow = fc
  .tuple(windowCase({ maxSide: 5, maxChannels: 2 }), fc.constantFrom('floor', 'ceil', 'same'), fc.boolean())
  .map(([window, rounding, dilated]) => {
    const [n, height, width, channels] = window.inputShape
    const inputShape: [number, number, number, number] = [n, height, width, channels]
    const filterSize: [number, number] = [...window.filterSize]
    const strides: [number, number] = dilated ? [1, 1] : [...window.strides]
    const dilations: [number, number] = dilated ? [...window.dilations] : [1, 1]
    const attrs =
      rounding === 'same'
        ? { pad: 'same' as const, dimRoundingMode: undefined }
        : { pad: explicitPadding(window.pad), dimRoundingMode: rounding as 'floor' | 'ceil' }
    return { inputShape, filterSize, attrs: { strides, dilations, dataFormat: 'NHWC' as const, ...attrs } }
  })

export type StockWindow = typeof stockWindow extends fc.Arbitrary<infer W> ? W : never

/** Windows for pooling: not dilated, and none that rounding up puts wholly into the padding. */
export const stockPoolWindow = stockWindow
  .map((window) => ({ ...window, attrs: { ...window.attrs, dilations: [1, 1] as [number, number] } }))
  .filter(({ inputShape, filterSize, attrs: { strides, pad, dimRoundingMode } }) => {
    const info = tf.backend_util.computePool2DInfo(inputShape, filterSize, strides, 1, pad, dimRoundingMode)
    const { padInfo, inHeight, inWidth, outHeight, outWidth } = info
    const reach = (out: number, stride: number, before: number) => (out - 1) * stride - before
    return (
      outHeight > 0 &&
      outWidth > 0 &&
      padInfo.top < filterSize[0] &&
      padInfo.left < filterSize[1] &&
      reach(outHeight, strides[0], padInfo.top) < inHeight &&
      reach(outWidth, strides[1], padInfo.left) < inWidth
    )
  })
