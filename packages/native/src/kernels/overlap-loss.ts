import type { OverlapLossAttrs } from '@limbeck/core'
import { codes } from '../native-kernels.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

type Sums = Inputs<'intersection' | 'predicted' | 'actual'>

function intsOf({ actual }: Sums, { includeBackground, absent }: OverlapLossAttrs) {
  const [rows, channels] = actual.shape as [number, number]
  return { rows, channels, includeBackground, absent: codes.absent[absent] }
}

const overlapLoss: NativeKernel<Sums, OverlapLossAttrs> = (inputs, attrs, backend) => {
  const y = backend.empty([], 'float32')
  backend.run('overlapLoss', { ...inputs, y }, intsOf(inputs, attrs), attrs)
  return y
}

const overlapLossGrad: NativeKernel<Sums & Inputs<'dy'>, OverlapLossAttrs> = (inputs, attrs, backend) => {
  const dIntersection = backend.empty(inputs.intersection.shape, 'float32')
  const dPredicted = backend.empty(inputs.predicted.shape, 'float32')
  backend.run('overlapLossGrad', { ...inputs, dIntersection, dPredicted }, intsOf(inputs, attrs), attrs)
  return [dIntersection, dPredicted]
}

export const overlapLossKernels = {
  SegOverlapLoss: overlapLoss,
  SegOverlapLossGrad: overlapLossGrad,
} satisfies KernelTable
