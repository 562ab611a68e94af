import type { PolyphaseAttrs, TensorInfo } from '@limbeck/core'
import { polyphaseShape } from '@limbeck/core/kernels'
import { codes } from '../native-kernels.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

function intsOf(x: TensorInfo, { pairs, pad, square }: PolyphaseAttrs) {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  return {
    batch,
    height,
    width,
    channels,
    pad: codes.polyphasePad[pad],
    square,
    pairCount: pairs.length,
    pairs: pairs.flat(),
  }
}

const polyphase: NativeKernel<Inputs<'x'>, PolyphaseAttrs> = ({ x }, attrs, backend) => {
  const y = backend.empty(polyphaseShape(x.shape, attrs), 'float32')
  backend.run('polyphase', { x, y }, intsOf(x, attrs))
  return y
}

const polyphaseGrad: NativeKernel<Inputs<'dy' | 'x'>, PolyphaseAttrs> = ({ dy, x }, attrs, backend) => {
  const dx = backend.empty(x.shape, 'float32')
  backend.run('polyphaseGrad', { dy, x, dx }, intsOf(x, attrs))
  return dx
}

export const polyphaseKernels = {
  SegPolyphase: polyphase,
  SegPolyphaseGrad: polyphaseGrad,
} satisfies KernelTable
