import { FormatError } from '@limbeck/core'

/** Types of the numbers in array files, with their size in bytes. */
export const ELEMENT_BYTES = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float32: 4,
  float64: 8,
} as const

export type ElementType = keyof typeof ELEMENT_BYTES

/** Numbers of an array file in memory; 64-bit integers come as float64. */
export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

/**
 * The numbers that lie in `bytes`, which must be a whole number of elements; never a view of a larger buffer. 64-bit
 * integers beyond ±2^53 are refused with a `FormatError` that begins with `where`, because float64 cannot hold them.
 */
export function decodeElements(
  bytes: Uint8Array,
  {
    type,
    bigEndian,
    where,
  }: { readonly type: ElementType; readonly bigEndian: boolean; readonly where: string },
): Elements {
  // files do not align their data; whoever gave a buffer of its own gave it away
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
  if (bigEndian) reverseEach(own, ELEMENT_BYTES[type])
  const buffer = own.buffer
  switch (type) {
    case 'uint8':
      return new Uint8Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'uint16':
      return new Uint16Array(buffer)
    case 'int16':
      return new Int16Array(buffer)
    case 'uint32':
      return new Uint32Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
    case 'uint64':
      return exact(new BigUint64Array(buffer), where)
    case 'int64':
      return exact(new BigInt64Array(buffer), where)
  }
}

/** Turns elements of `size` bytes from one byte order to the other, in place. */
function reverseEach(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 2) buffer.swap16()
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
}

function exact(values: BigInt64Array | BigUint64Array, where: string): Float64Array {
  const result = Float64Array.from(values, Number)
  const at = result.findIndex((value) => !Number.isSafeInteger(value))
  if (at < 0) return result
  throw new FormatError(
    'format/integer-range',
    `${where}: the integer ${values[at]} is too large to be exact`,
    {
      expected: 'integers within ±2^53',
      received: `${values[at]}, element ${at}`,
    },
  )
}
