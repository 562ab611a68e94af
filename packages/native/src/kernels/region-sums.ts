import type { RegionSumsAttrs, SegKernels } from '@limbeck/core'
import { aroundAxis } from '@limbeck/core/kernels'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

type Maps = Inputs<'logits' | 'labels'>

const intsOf = ({ logits, labels }: Maps, { ignoreLabel, squared }: RegionSumsAttrs) => ({
  batch: logits.shape[0]!,
  pixels: aroundAxis(labels.shape, 0).inner,
  channels: logits.shape.at(-1)!,
  ignoreLabel,
  squared,
})

const regionSums: NativeKernel<Maps, RegionSumsAttrs> = (inputs, attrs, backend) => {
  const labels = converted(backend, inputs.labels, 'int32')
  const shape = [inputs.logits.shape[0]!, inputs.logits.shape.at(-1)!]
  const intersection = backend.empty(shape, 'float32')
  const predicted = backend.empty(shape, 'float32')
  const actual = backend.empty(shape, 'float32')
  backend.run('regionSums', { ...inputs, labels, intersection, predicted, actual }, intsOf(inputs, attrs))
  return [intersection, predicted, actual]
}

type GradInputs = Inputs<SegKernels['SegRegionSumsGrad']['inputs']>

const regionSumsGrad: NativeKernel<GradInputs, RegionSumsAttrs> = (inputs, attrs, backend) => {
  const labels = converted(backend, inputs.labels, 'int32')
  const dlogits = backend.empty(inputs.logits.shape, 'float32')
  backend.run('regionSumsGrad', { ...inputs, labels, dlogits }, intsOf(inputs, attrs))
  return dlogits
}

export const regionSumsKernels = {
  SegRegionSums: regionSums,
  SegRegionSumsGrad: regionSumsGrad,
} satisfies KernelTable
