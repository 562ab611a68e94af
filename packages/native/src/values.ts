import { BackendError, type DataType } from '@limbeck/core'
import type { Values } from './addon.ts'

/** Types of tensors that native backends hold. */
export type NativeDtype = 'float32' | 'int32' | 'bool'

/** How elements lie on the device: as their dtype says, or floats without the lower half of their bits. */
export type Storage = NativeDtype | 'bfloat16'

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

export const storedBytes = (storage: Storage): number =>
  storage === 'bfloat16' ? 2 : bytesPerElement(storage)

/** A zero-filled array for `length` elements. */
export const newValues = (length: number, dtype: NativeDtype): Values => new arrays[dtype](length)

/** Room for elements as they lie on the device. */
export const newStored = (length: number, storage: Storage): Values =>
  storage === 'bfloat16' ? new Uint8Array(2 * length) : newValues(length, storage)

/** What was read from the device as values of its dtype; bfloat16, the upper half of a float's bits, is widened. */
export function storedValues(stored: Values, storage: Storage): Values {
  if (storage !== 'bfloat16') return stored
  const halves = new Uint16Array(stored.buffer, stored.byteOffset, stored.length / 2)
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer)
}

/** The values in an array of the dtype: the same array where it is one. */
export function inDtype(values: ArrayLike<number>, dtype: NativeDtype): Values {
  if (values instanceof arrays[dtype]) return values
  const own = newValues(values.length, dtype)
  own.set(values)
  return own
}
