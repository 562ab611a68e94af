import { inflateSync } from 'node:zlib'
import { FormatError } from '@limbeck/core'
import type { ElementType } from './element-type.ts'

/** Where an element lies and how it is written; `file` names it in errors. */
export interface MatBytes {
  readonly bytes: Uint8Array
  readonly bigEndian: boolean
  readonly file: string
}

/** A data element of a MATLAB 5 file: a type and bytes. */
export interface MatElement extends MatBytes {
  readonly type: number
}

/** Types of data elements that hold others ("MAT-File Format", The MathWorks, table 1-1). */
export const MATRIX = 14
export const COMPRESSED = 15

/** Types of data elements that hold numbers. */
export const NUMBER_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [1, 'int8'],
  [2, 'uint8'],
  [3, 'int16'],
  [4, 'uint16'],
  [5, 'int32'],
  [6, 'uint32'],
  [7, 'float32'],
  [9, 'float64'],
  [12, 'int64'],
  [13, 'uint64'],
])

const TAG_BYTES = 8
/** Elements of up to four bytes may stand within the tag. */
const SMALL_LIMIT = 4

/** The elements that lie one after the other in `bytes`. Throws `FormatError` for one that goes beyond the end. */
export function* matElements({ bytes, bigEndian, file }: MatBytes): Generator<MatElement> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (type: number, start: number, length: number): MatElement => {
    if (start + length > bytes.length) {
      throw malformed(file, 'an element goes beyond the end', {
        expected: `${length} bytes`,
        received: `${bytes.length - start} bytes`,
        hint: 'is the file complete?',
      })
    }
    return { type, bytes: bytes.subarray(start, start + length), bigEndian, file }
  }
  for (let position = 0; position < bytes.length; ) {
    if (position + TAG_BYTES > bytes.length) throw malformed(file, 'ends within a tag')
    const first = view.getUint32(position, !bigEndian)
    const smallLength = first >>> 16
    if (smallLength > 0) {
      if (smallLength > SMALL_LIMIT) {
        throw malformed(file, 'a small element is too long', { received: `${smallLength} bytes` })
      }
      yield at(first & 0xffff, position + 4, smallLength)
      position += TAG_BYTES
      continue
    }
    const length = view.getUint32(position + 4, !bigEndian)
    yield at(first, position + TAG_BYTES, length)
    // compressed elements alone are not padded to multiples of eight
    position += TAG_BYTES + (first === COMPRESSED ? length : Math.ceil(length / 8) * 8)
  }
}

/** The one element within a compressed one, of at most `limit` bytes inflated. */
export function inflateElement({ bytes, bigEndian, file }: MatElement, limit: number): MatElement {
  let inflated: Uint8Array
  try {
    inflated = inflateSync(bytes, { maxOutputLength: limit })
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw malformed(file, tooLarge ? 'inflates to more than is read' : 'compressed data are damaged', {
      ...(tooLarge && { expected: `at most ${limit} bytes`, received: 'more' }),
      ...(!tooLarge && { received: (error as Error).message, hint: 'is the file complete?' }),
      cause: error,
    })
  }
  const [element] = matElements({ bytes: inflated, bigEndian, file })
  if (!element) throw malformed(file, 'a compressed element holds nothing')
  return element
}

export const malformed = (file: string, what: string, details = {}): FormatError =>
  new FormatError('mat/malformed', `${file}: ${what}`, details)
