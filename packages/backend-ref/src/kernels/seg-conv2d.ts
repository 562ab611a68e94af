import type { ConvAttrs, SegKernels } from '@limbeck/core'
import { conv, convGradFilter, convGradInput } from './conv.ts'
import { convOutputShape, segConvGeometry } from './conv-geometry.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

const segConv2D: RefKernel<Inputs<'x' | 'filter', 'bias'>, ConvAttrs> = (
  { x, filter, bias },
  attrs,
  backend,
) => {
  const geometry = segConvGeometry(x.shape, filter.shape, attrs)
  const { info, values } = backend.allocate(convOutputShape(geometry), 'float32')
  conv(geometry, backend.values(x), backend.values(filter), values, bias && backend.values(bias))
  return info
}

const segConv2DGradInput: RefKernel<Inputs<'dy' | 'filter'>, SegKernels['SegConv2DGradInput']['attrs']> = (
  { dy, filter },
  attrs,
  backend,
) => {
  const geometry = segConvGeometry(attrs.inputShape, filter.shape, attrs)
  const { info, values } = backend.allocate(attrs.inputShape, 'float32')
  convGradInput(geometry, backend.values(dy), backend.values(filter), values)
  return info
}

const segConv2DGradFilter: RefKernel<Inputs<'x' | 'dy'>, SegKernels['SegConv2DGradFilter']['attrs']> = (
  { x, dy },
  attrs,
  backend,
) => {
  const geometry = segConvGeometry(x.shape, attrs.filterShape, attrs)
  const { info, values } = backend.allocate(attrs.filterShape, 'float32')
  convGradFilter(geometry, backend.values(x), backend.values(dy), values)
  return info
}

export const segConv2DKernels = {
  SegConv2D: segConv2D,
  SegConv2DGradFilter: segConv2DGradFilter,
  SegConv2DGradInput: segConv2DGradInput,
} satisfies KernelTable
