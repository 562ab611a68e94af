import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** dy [..., C] → [C], summed over all else. */
const biasGrad: RefKernel<Inputs<'dy'>> = ({ dy }, _attrs, backend) => {
  const channels = dy.shape.at(-1)!
  const from = backend.values(dy)
  const sums = new Float64Array(channels)
  for (let at = 0; at < from.length; at += channels) {
    for (let c = 0; c < channels; c++) sums[c]! += from[at + c]!
  }
  const { info, values } = backend.allocate([channels], 'float32')
  values.set(sums)
  return info
}

export const biasGradKernels = { SegBiasGrad: biasGrad } satisfies KernelTable
