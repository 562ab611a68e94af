import type { ConvAttrs, MapShape, Padding, Pair } from '../backend/contract.ts'
import { runKernel } from '../engine.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'
import { pair } from './pair.ts'

export interface Conv2dOptions {
  /** Default 1. */
  readonly strides?: number | Pair
  /** Zero padding in pixels: all sides, `[vertical, horizontal]`, or `[top, bottom, left, right]`. Default 0. */
  readonly pad?: number | Pair | Padding
  /** Default 1. */
  readonly dilations?: number | Pair
  /** Divides both channel counts; the number of input channels makes it depthwise. Default 1. */
  readonly groups?: number
}

/**
 * 2-D convolution (cross-correlation, as in every deep-learning library).
 *
 * `x` [N,H,W,I], `filter` [h,w,I/groups,O], `bias` [O] → [N,H',W',O] with
 * H' = ⌊(H + top + bottom − dilation·(h − 1) − 1) / stride⌋ + 1.
 */
export function conv2d(
  x: Tensor4D,
  filter: Tensor4D,
  bias?: Tensor1D,
  options: Conv2dOptions = {},
): Tensor4D {
  const attrs: ConvAttrs = {
    strides: pair(options.strides ?? 1),
    pad: padding(options.pad ?? 0),
    dilations: pair(options.dilations ?? 1),
    groups: options.groups ?? 1,
  }
  return conv2dOp({ x, filter, bias }, attrs)[0] as Tensor4D
}

interface Inputs {
  readonly [name: string]: Tensor | undefined
  readonly x: Tensor4D
  readonly filter: Tensor4D
  readonly bias: Tensor1D | undefined
}

export const conv2dOp = defineOp<Inputs, 'SegConv2D'>({
  kernel: 'SegConv2D',
  gradientKernels: ['SegConv2DGradInput', 'SegConv2DGradFilter', 'SegBiasGrad'],
  check({ x, filter, bias }, { strides, pad, dilations, groups }) {
    const [h, w, perGroup, out] = filter.shape
    const channels = x.shape[3]
    if (perGroup * groups !== channels) {
      throw new ShapeError(
        'conv2d/channels',
        `conv2d: filter ${formatShape(filter.shape)}, groups ${groups}`,
        {
          expected: `${perGroup * groups} input channels`,
          received: `x ${formatShape(x.shape)} with ${channels}`,
        },
      )
    }
    if (out % groups !== 0) {
      throw new ShapeError(
        'conv2d/groups',
        `conv2d: ${out} output channels cannot be split into ${groups} groups`,
      )
    }
    if (bias && (bias.rank !== 1 || bias.shape[0] !== out)) {
      throw new ShapeError('conv2d/bias', 'conv2d: one bias per output channel', {
        expected: formatShape([out]),
        received: formatShape(bias.shape),
      })
    }
    const [outHeight, outWidth] = outputSize(x.shape, [h, w], { strides, pad, dilations })
    if (outHeight < 1 || outWidth < 1) {
      throw new ShapeError(
        'conv2d/size',
        `conv2d: x ${formatShape(x.shape)} is smaller than the filter reaches`,
        {
          expected: `at least ${dilations[0] * (h - 1) + 1} × ${dilations[1] * (w - 1) + 1} pixels with padding`,
          received: `${x.shape[1] + pad[0] + pad[1]} × ${x.shape[2] + pad[2] + pad[3]}`,
        },
      )
    }
  },
  composite({ x, filter, bias }, { strides, pad, dilations, groups }) {
    const [top, bottom, left, right] = pad
    const explicit: [[number, number], [number, number], [number, number], [number, number]] = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]
    const attrs = { strides, pad: explicit, dilations, dataFormat: 'NHWC', dimRoundingMode: 'floor' }
    // tf.conv2d refuses strides together with dilations, which its kernel takes
    const one = (part: Tensor4D, weights: Tensor4D) =>
      runKernel('Conv2D', { x: part, filter: weights }, attrs) as Tensor4D
    if (isDepthwise(x, filter, groups) && (isOne(strides) || isOne(dilations))) {
      const [h, w] = filter.shape
      const perChannel = tf.reshape(filter, [h, w, groups, 1]) // [h,w,1,C] → [h,w,C,1]
      const y = runKernel('DepthwiseConv2dNative', { x, filter: perChannel }, attrs) as Tensor4D
      return [bias ? tf.add(y, bias) : y]
    }
    const filters = groups === 1 ? [filter] : (tf.split(filter, groups, 3) as Tensor4D[])
    const parts = groups === 1 ? [x] : (tf.split(x, groups, 3) as Tensor4D[])
    const y = tf.concat(
      parts.map((part, g) => one(part, filters[g]!)),
      3,
    )
    return [bias ? tf.add(y, bias) : y]
  },
  saves: ['x', 'filter'],
  gradient({ dys: [dy], inputs: { x, filter }, attrs, shapes }) {
    const inputShape = shapes.x as MapShape
    const filterShape = shapes.filter as MapShape
    return {
      x: () => launch('SegConv2DGradInput', { dy, filter }, { ...attrs, inputShape })[0]!,
      filter: () => launch('SegConv2DGradFilter', { x, dy }, { ...attrs, filterShape })[0]!,
      bias: () => launch('SegBiasGrad', { dy }, {})[0]!,
    }
  },
})

/** Each channel by itself, once: one kernel of tfjs in place of one a channel. */
const isDepthwise = (x: Tensor4D, filter: Tensor4D, groups: number): boolean =>
  groups > 1 && groups === x.shape[3] && groups === filter.shape[3]

/** tfjs's depthwise kernels take strides or dilations, not both. */
const isOne = ([vertical, horizontal]: Pair): boolean => vertical === 1 && horizontal === 1

function outputSize(
  [, height, width]: readonly number[],
  [h, w]: Pair,
  { strides, pad, dilations }: Pick<ConvAttrs, 'strides' | 'pad' | 'dilations'>,
): Pair {
  const size = (length: number, reach: number, stride: number) => Math.floor((length - reach) / stride) + 1
  return [
    size(height! + pad[0] + pad[1], dilations[0] * (h - 1) + 1, strides[0]),
    size(width! + pad[2] + pad[3], dilations[1] * (w - 1) + 1, strides[1]),
  ]
}

function padding(value: number | Pair | Padding): Padding {
  if (typeof value === 'number') return [value, value, value, value]
  return value.length === 2 ? [value[0], value[0], value[1], value[1]] : value
}
