import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import type { NativeBackend } from '../backend.ts'
import { codes } from '../native-kernels.ts'
import { nativeDtype } from '../values.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** The tensor itself where it has the dtype, else a fresh one. To int32 truncates, to bool is `≠ 0` (true for NaN). */
export function converted(backend: NativeBackend, x: TensorInfo, dtype: DataType): TensorInfo {
  if (x.dtype === dtype) return x
  const y = backend.empty(x.shape, dtype)
  backend.run(
    'cast',
    { x, y },
    { from: codes.dtype[nativeDtype(x.dtype)], to: dtypeCode(y), count: tf.util.sizeFromShape(x.shape) },
  )
  return y
}

/** How the device calls a tensor's dtype. */
export const dtypeCode = ({ dtype }: TensorInfo): number => codes.dtype[nativeDtype(dtype)]

/** The dtype in which numbers are computed: bools count as int32. */
export const numericDtype = (dtype: DataType): DataType => (dtype === 'bool' ? 'int32' : dtype)

const cast: NativeKernel<Inputs<'x'>, tf.CastAttrs> = ({ x }, { dtype }, backend) =>
  dtype === x.dtype ? backend.view(x) : converted(backend, x, dtype)

/** A copy that owns its memory. */
const copy: NativeKernel<Inputs<'x'>> = ({ x }, _attrs, backend) => {
  const y = backend.empty(x.shape, x.dtype)
  const whole = { offset: 0, strides: [1] }
  backend.copy(x, y, { shape: [tf.util.sizeFromShape(x.shape)], from: whole, to: whole })
  return y
}

export const castKernels = { Cast: cast, SegCopy: copy } satisfies KernelTable
