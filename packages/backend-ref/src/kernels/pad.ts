import type { TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { rowMajorStrides, scatterView } from './strided.ts'

/** `x` with `[before, after]` elements of a constant added along each axis. */
export function padded(
  backend: RefBackend,
  x: TensorInfo,
  paddings: readonly (readonly [number, number])[],
  constant: number,
): TensorInfo {
  const shape = x.shape.map((size, axis) => paddings[axis]![0] + size + paddings[axis]![1])
  const { info, values } = backend.allocate(shape, x.dtype)
  if (constant !== 0) values.fill(constant)
  const from = backend.values(x)
  if (from.length === 0) return info
  const strides = rowMajorStrides(shape)
  const offset = strides.reduce((sum, stride, axis) => sum + stride * paddings[axis]![0], 0)
  scatterView(from, x.shape, { offset, strides }, values)
  return info
}

const padV2: RefKernel<Inputs<'x'>, tf.PadV2Attrs> = ({ x }, { paddings, constantValue }, backend) =>
  padded(backend, x, paddings, constantValue)

/** Where index `i` of the padded axis lies in an axis of `size`, mirrored at the edge or between edge elements. */
function mirrored(i: number, size: number, mode: 'reflect' | 'symmetric'): number {
  const shared = mode === 'reflect' ? 0 : 1 // the edge itself is repeated when symmetric
  if (i < 0) return -i - shared
  return i < size ? i : 2 * (size - 1) - i + shared
}

const mirrorPad: RefKernel<Inputs<'x'>, tf.MirrorPadAttrs> = ({ x }, { paddings, mode }, backend) => {
  const shape = x.shape.map((size, axis) => paddings[axis]![0] + size + paddings[axis]![1])
  const { info, values } = backend.allocate(shape, x.dtype)
  const strides = rowMajorStrides(x.shape)
  // for each axis, how far each padded index moves in x
  const moves = shape.map((size, axis) =>
    Int32Array.from(
      { length: size },
      (_, i) => strides[axis]! * mirrored(i - paddings[axis]![0], x.shape[axis]!, mode),
    ),
  )
  const from = backend.values(x)
  const outer = rowMajorStrides(shape)
  for (let at = 0; at < values.length; at++) {
    let source = 0
    for (let axis = 0; axis < shape.length; axis++) {
      source += moves[axis]![Math.floor(at / outer[axis]!) % shape[axis]!]!
    }
    values[at] = from[source]!
  }
  return info
}

export const padKernels = { MirrorPad: mirrorPad, PadV2: padV2 } satisfies KernelTable
