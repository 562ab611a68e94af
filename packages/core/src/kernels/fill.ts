import { tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'

const fill: Kernel<LayoutBackend, object, tf.FillAttrs> = (_inputs, { shape, value, dtype }, backend) => {
  const y = backend.empty(shape, dtype ?? tf.util.inferDtype(value))
  backend.fill(y, value as number)
  return y
}

const fillLike =
  (value: number): Kernel<LayoutBackend, Inputs<'x'>> =>
  ({ x }, _attrs, backend) => {
    const y = backend.empty(x.shape, x.dtype)
    backend.fill(y, value)
    return y
  }

/** start, start + step, … before stop; as in tfjs, the default step of 1 also counts down. */
const range: Kernel<LayoutBackend, object, tf.RangeAttrs> = (
  _inputs,
  { start, stop, step, dtype },
  backend,
) => {
  const stride = step === 1 && stop < start ? -1 : step
  const length = stride === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / stride))
  const y = backend.empty([length], dtype)
  backend.ramp(y, { start, step: stride })
  return y
}

const linSpace: Kernel<LayoutBackend, object, tf.LinSpaceAttrs> = (
  _inputs,
  { start, stop, num },
  backend,
) => {
  const y = backend.empty([num], 'float32')
  backend.ramp(y, { start, step: num > 1 ? (stop - start) / (num - 1) : 0 })
  return y
}

/** Kernels that make values from attributes. */
export const fillKernels = {
  Fill: fill,
  LinSpace: linSpace,
  OnesLike: fillLike(1),
  Range: range,
  ZerosLike: fillLike(0),
} satisfies KernelTable
