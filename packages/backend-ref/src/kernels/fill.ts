import { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

const fill: RefKernel<object, tf.FillAttrs> = (_inputs, { shape, value, dtype }, backend) => {
  const { info, values } = backend.allocate(shape, dtype ?? tf.util.inferDtype(value))
  values.fill(value as number)
  return info
}

const fillLike =
  (value: number): RefKernel<Inputs<'x'>> =>
  ({ x }, _attrs, backend) => {
    const { info, values } = backend.allocate(x.shape, x.dtype)
    values.fill(value)
    return info
  }

/** start, start + step, … before stop; as in tfjs, the default step of 1 also counts down. */
const range: RefKernel<object, tf.RangeAttrs> = (_inputs, { start, stop, step, dtype }, backend) => {
  const stride = step === 1 && stop < start ? -1 : step
  const length = stride === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / stride))
  const { info, values } = backend.allocate([length], dtype)
  for (let i = 0; i < length; i++) values[i] = start + i * stride
  return info
}

const linSpace: RefKernel<object, tf.LinSpaceAttrs> = (_inputs, { start, stop, num }, backend) => {
  const { info, values } = backend.allocate([num], 'float32')
  const step = (stop - start) / (num - 1)
  for (let i = 0; i < num; i++) values[i] = i === 0 ? start : start + i * step
  return info
}

const oneHot: RefKernel<Inputs<'indices'>, tf.OneHotAttrs> = ({ indices }, attrs, backend) => {
  const { depth, onValue, offValue, dtype } = attrs
  const { info, values } = backend.allocate([...indices.shape, depth], dtype)
  values.fill(offValue)
  backend.values(indices).forEach((index, row) => {
    if (index >= 0 && index < depth) values[row * depth + index] = onValue
  })
  return info
}

/** Kernels that make values from attributes. `OneHot` leaves rows of an index out of range at `offValue`. */
export const fillKernels = {
  Fill: fill,
  LinSpace: linSpace,
  OneHot: oneHot,
  OnesLike: fillLike(1),
  Range: range,
  ZerosLike: fillLike(0),
} satisfies KernelTable
