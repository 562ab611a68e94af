import type { ConvGeometry } from '@limbeck/core/kernels'
import type { Values } from '../storage.ts'
import { denseConv, denseConvGradFilter, denseConvGradInput } from './dense-conv.ts'
import { depthwiseConv, depthwiseConvGradFilter, depthwiseConvGradInput } from './depthwise-conv.ts'

/** One input channel a group: there is no sum over channels, and a matrix product would mostly multiply padding. */
const isDepthwise = (g: ConvGeometry): boolean => g.groups > 1 && g.groups === g.inChannels

/** y = x ∗ filter (+ bias [outChannels]); all arrays dense, NHWC and HWIO. */
export function conv(g: ConvGeometry, x: Values, filter: Values, y: Values, bias?: Values): void {
  if (isDepthwise(g)) depthwiseConv(g, x, filter, y, bias)
  else denseConv(g, x, filter, y, bias)
}

/** dx from dy; `dx` must come in as zeros. */
export function convGradInput(g: ConvGeometry, dy: Values, filter: Values, dx: Values): void {
  if (isDepthwise(g)) depthwiseConvGradInput(g, dy, filter, dx)
  else denseConvGradInput(g, dy, filter, dx)
}

/** dfilter from x and dy; `dfilter` must come in as zeros. */
export function convGradFilter(g: ConvGeometry, x: Values, dy: Values, dfilter: Values): void {
  if (isDepthwise(g)) depthwiseConvGradFilter(g, x, dy, dfilter)
  else denseConvGradFilter(g, x, dy, dfilter)
}
