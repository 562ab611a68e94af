import type { TensorInfo, tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { rowMajorStrides } from './strides.ts'

type Paddings = readonly (readonly [number, number])[]

/** `x` with `[before, after]` elements of a constant added along each axis. */
export function padded(
  backend: LayoutBackend,
  x: TensorInfo,
  paddings: Paddings,
  constant: number,
): TensorInfo {
  const shape = x.shape.map((size, axis) => paddings[axis]![0] + size + paddings[axis]![1])
  const y = backend.empty(shape, x.dtype)
  backend.fill(y, constant)
  const strides = rowMajorStrides(shape)
  const offset = strides.reduce((sum, stride, axis) => sum + stride * paddings[axis]![0], 0)
  const from = { offset: 0, strides: rowMajorStrides(x.shape) }
  backend.copy(x, y, { shape: x.shape, from, to: { offset, strides } })
  return y
}

const padV2: Kernel<LayoutBackend, Inputs<'x'>, tf.PadV2Attrs> = (
  { x },
  { paddings, constantValue },
  backend,
) => padded(backend, x, paddings, constantValue)

/** `x` with mirrored elements added along one axis: three runs, of which two go backwards. */
function mirrored(
  backend: LayoutBackend,
  x: TensorInfo,
  axis: number,
  [before, after]: readonly [number, number],
  mode: tf.MirrorPadAttrs['mode'],
): TensorInfo {
  const size = x.shape[axis]!
  const y = backend.empty(x.shape.with(axis, before + size + after), x.dtype)
  const fromStrides = rowMajorStrides(x.shape)
  const toStrides = rowMajorStrides(y.shape)
  const run = (length: number, from: { first: number; step: number }, to: number) =>
    backend.copy(x, y, {
      shape: x.shape.with(axis, length),
      from: {
        offset: from.first * fromStrides[axis]!,
        strides: fromStrides.with(axis, from.step * fromStrides[axis]!),
      },
      to: { offset: to * toStrides[axis]!, strides: toStrides },
    })
  const edge = mode === 'symmetric' ? 1 : 0 // the edge itself is repeated when symmetric
  run(before, { first: before - edge, step: -1 }, 0)
  run(size, { first: 0, step: 1 }, before)
  run(after, { first: size - 2 + edge, step: -1 }, before + size)
  return y
}

const mirrorPad: Kernel<LayoutBackend, Inputs<'x'>, tf.MirrorPadAttrs> = (
  { x },
  { paddings, mode },
  backend,
) => {
  let result = backend.view(x)
  for (const [axis, padding] of paddings.entries()) {
    if (padding[0] === 0 && padding[1] === 0) continue
    const wider = mirrored(backend, result, axis, padding, mode)
    backend.release(result)
    result = wider
  }
  return result
}

export const padKernels = { MirrorPad: mirrorPad, PadV2: padV2 } satisfies KernelTable
