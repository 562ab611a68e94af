import { BackendError, type DataType } from '@limbeck/core'

/** How a tensor of dtype `float32` is stored: rounded to 32 bits, or kept in 64 for gradient checks. */
export type FloatStorage = 'float32' | 'float64'

/** The array behind a tensor. Assignment to it is the one rounding a result goes through. */
export type Values = Float32Array | Float64Array | Int32Array | Uint8Array

/** A zero-filled array for `length` elements. Throws `BackendError` for dtypes that the backend does not hold. */
export function allocateValues(length: number, dtype: DataType, storage: FloatStorage): Values {
  switch (dtype) {
    case 'float32':
      return storage === 'float32' ? new Float32Array(length) : new Float64Array(length)
    case 'int32':
      return new Int32Array(length)
    case 'bool':
      return new Uint8Array(length)
    default:
      throw new BackendError('backend/dtype', `the reference backend holds no ${dtype} tensors`, {
        expected: 'float32, int32 or bool',
        received: dtype,
      })
  }
}
