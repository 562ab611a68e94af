import type { PolyphaseAttrs, TensorInfo } from '@limbeck/core'
import { polyphaseShape } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

type Shape = readonly [number, number, number, number]

/** Where a row (or column) of the padded map lies in the map itself; −1 for one of zeros. */
function sourceOf(row: number, length: number, pad: PolyphaseAttrs['pad']): number {
  if (row < length) return row
  return pad === 'zero' ? -1 : length - 1
}

/**
 * Calls `add` for every pixel of the result and each of the two pixels of the map that it adds up, with the offsets
 * of their first channels.
 */
function eachTerm(x: TensorInfo, attrs: PolyphaseAttrs, add: (result: number, source: number) => void): void {
  const [batch, height, width, channels] = x.shape as unknown as Shape
  const { pairs, pad } = attrs
  const [, rows, columns] = polyphaseShape(x.shape, attrs) as unknown as Shape
  for (const [p, pair] of pairs.entries()) {
    for (const part of pair) {
      for (let n = 0; n < batch; n++) {
        for (let i = 0; i < rows; i++) {
          const row = sourceOf(2 * i + (part >> 1), height, pad)
          for (let j = 0; j < columns; j++) {
            const column = sourceOf(2 * j + (part & 1), width, pad)
            if (row < 0 || column < 0) continue
            const result = (((p * batch + n) * rows + i) * columns + j) * channels
            add(result, ((n * height + row) * width + column) * channels)
          }
        }
      }
    }
  }
}

const polyphase: RefKernel<Inputs<'x'>, PolyphaseAttrs> = ({ x }, attrs, backend) => {
  const shape = polyphaseShape(x.shape, attrs)
  const channels = shape[3]!
  const from = backend.values(x)
  const { info, values } = backend.allocate(shape, 'float32')
  const sums = new Float64Array(values.length)
  eachTerm(x, attrs, (result, source) => {
    for (let c = 0; c < channels; c++) {
      const value = from[source + c]!
      sums[result + c]! += attrs.square ? value * value : value
    }
  })
  values.set(sums)
  return info
}

const polyphaseGrad: RefKernel<Inputs<'dy' | 'x'>, PolyphaseAttrs> = ({ dy, x }, attrs, backend) => {
  const channels = x.shape[3]!
  const from = backend.values(x)
  const slopes = backend.values(dy)
  const { info, values } = backend.allocate(x.shape, 'float32')
  const sums = new Float64Array(values.length)
  eachTerm(x, attrs, (result, source) => {
    for (let c = 0; c < channels; c++) {
      const slope = slopes[result + c]!
      sums[source + c]! += attrs.square ? 2 * from[source + c]! * slope : slope
    }
  })
  values.set(sums)
  return info
}

export const polyphaseKernels = {
  SegPolyphase: polyphase,
  SegPolyphaseGrad: polyphaseGrad,
} satisfies KernelTable
