import type { StripPoolAttrs, TensorInfo } from '@limbeck/core'
import { stripGrids } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

function intsOf(x: TensorInfo, { scales, square }: StripPoolAttrs) {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const { strips } = stripGrids(height, width, scales)
  return { batch, height, width, channels, square, strips, scaleCount: scales.length, scales }
}

const stripPool: NativeKernel<Inputs<'x'>, StripPoolAttrs> = ({ x }, attrs, backend) => {
  const ints = intsOf(x, attrs)
  const y = backend.empty([ints.batch, ints.strips, ints.channels], 'float32')
  backend.run('stripPool', { x, y }, ints)
  return y
}

const stripPoolGrad: NativeKernel<Inputs<'dy' | 'x'>, StripPoolAttrs> = ({ dy, x }, attrs, backend) => {
  const dx = backend.empty(x.shape, 'float32')
  backend.run('stripPoolGrad', { dy, x, dx }, intsOf(x, attrs))
  return dx
}

export const stripPoolKernels = {
  SegStripPool: stripPool,
  SegStripPoolGrad: stripPoolGrad,
} satisfies KernelTable
