import { BackendError, type DataType } from '@limbeck/core'
import type { Values } from './addon.ts'

/** Types of tensors that native backends hold. */
export type NativeDtype = 'float32' | 'int32' | 'bool'

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const

/** The dtype itself; throws `BackendError` for those that native backends do not hold. */
export function nativeDtype(dtype: DataType): NativeDtype {
  if (dtype in arrays) return dtype as NativeDtype
  throw new BackendError('backend/dtype', `native backends hold no ${dtype} tensors`, {
    expected: 'float32, int32 or bool',
    received: dtype,
  })
}

export const bytesPerElement = (dtype: DataType): number => arrays[nativeDtype(dtype)].BYTES_PER_ELEMENT

/** A zero-filled array for `length` elements. */
export const newValues = (length: number, dtype: NativeDtype): Values => new arrays[dtype](length)

/** The values in an array of the dtype: the same array where it is one. */
export function inDtype(values: ArrayLike<number>, dtype: NativeDtype): Values {
  if (values instanceof arrays[dtype]) return values
  const own = newValues(values.length, dtype)
  own.set(values)
  return own
}
