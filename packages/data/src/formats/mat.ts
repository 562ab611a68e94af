import { DataError, FormatError, formatShape } from '@limbeck/core'
import { decodeElements, ELEMENT_BYTES, type Elements, type ElementType } from './element-type.ts'
import {
  COMPRESSED,
  inflateElement,
  MATRIX,
  type MatBytes,
  type MatElement,
  malformed,
  matElements,
  NUMBER_TYPES,
} from './mat-element.ts'
import { elementCount, fromColumnMajor, type NumericArray } from './numeric-array.ts'

/** The variables of a MATLAB file by name: numeric arrays, and what the others are (`'cell array'`). */
export type MatVariables = ReadonlyMap<string, NumericArray | MatUnreadKind>

export type MatUnreadKind =
  | 'cell array'
  | 'struct'
  | 'object'
  | 'text'
  | 'sparse array'
  | 'complex array'
  | 'opaque'

const HEADER_BYTES = 128
const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46]
/** All variables of a file together: 50 times the largest label file of the sets that come so. */
const INFLATED_LIMIT = 2 ** 28
const MAX_RANK = 32

/** Array classes that hold numbers, double to uint64 ("MAT-File Format", The MathWorks, table 1-3). */
const isNumeric = (arrayClass: number): boolean => arrayClass >= 6 && arrayClass <= 15
const UNREAD_CLASSES: ReadonlyMap<number, MatUnreadKind> = new Map([
  [1, 'cell array'],
  [2, 'struct'],
  [3, 'object'],
  [4, 'text'],
  [5, 'sparse array'],
])
const COMPLEX_FLAG = 0x0800

/**
 * Reads the dense real numeric arrays of a MATLAB file of version 5 (`-v6`, `-v7`, `scipy.io.savemat`), compressed or
 * not, into row-major order; of other variables the kind alone. Numbers keep the type that they are stored in, which
 * may be narrower than the variable's: MATLAB writes a double array of small integers as bytes. Throws `FormatError` that names `file`; version 7.3,
 * which is HDF5, is refused, and so is more than 256 MiB of inflated data.
 */
export function parseMat(bytes: Uint8Array, file: string): MatVariables {
  const bigEndian = parseHeader(bytes, file)
  const variables = new Map<string, NumericArray | MatUnreadKind>()
  let left = INFLATED_LIMIT
  for (const element of matElements({ bytes: bytes.subarray(HEADER_BYTES), bigEndian, file })) {
    const matrix = element.type === COMPRESSED ? inflateElement(element, Math.max(1, left)) : element
    if (element.type === COMPRESSED) left -= matrix.bytes.length
    if (matrix.type !== MATRIX) continue
    const [name, value] = parseMatrix(matrix)
    variables.set(name, value)
  }
  return variables
}

/** The numeric array of that name. Throws `DataError` that names what the file has in its place. */
export function requireArray(variables: MatVariables, name: string, file: string): NumericArray {
  const value = variables.get(name)
  if (typeof value === 'object') return value
  const kinds = [...variables].map(
    ([key, one]) => `${key} ${typeof one === 'object' ? formatShape(one.shape) : one}`,
  )
  throw new DataError('data/missing-variable', `${file}: no numeric array "${name}"`, {
    expected: `${name}, an array of real numbers`,
    received: value ?? (kinds.join(', ') || 'no variables'),
  })
}

/** Checks the first 128 bytes; gives the byte order. */
function parseHeader(bytes: Uint8Array, file: string): boolean {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 116))
  const hdf5 = HDF5_SIGNATURE.every((byte, i) => bytes[i] === byte || bytes[512 + i] === byte)
  if (hdf5 || text.startsWith('MATLAB 7.3')) {
    throw new FormatError('mat/version', `${file}: is a MATLAB 7.3 file, which is HDF5 in disguise`, {
      expected: 'version 5',
      received: 'version 7.3',
      hint: 'save it anew in MATLAB: save(file, "-v7")',
    })
  }
  const mark = String.fromCharCode(bytes[126] ?? 0, bytes[127] ?? 0)
  if (bytes.length < HEADER_BYTES || (mark !== 'IM' && mark !== 'MI')) {
    throw malformed(file, 'this is not a MATLAB 5 file', {
      expected: 'a header of 128 bytes that ends with IM or MI',
    })
  }
  return mark === 'MI'
}

/** A variable: flags, dimensions, name, then, for numbers, the elements. */
function parseMatrix(matrix: MatBytes): [name: string, value: NumericArray | MatUnreadKind] {
  const { file, bigEndian } = matrix
  const parts = matElements(matrix)
  const next = (what: string): MatElement => {
    const { value, done } = parts.next()
    if (done) throw malformed(file, `a variable without ${what}`)
    return value
  }
  const flags = next('flags').bytes
  if (flags.length < 8) throw malformed(file, 'a variable with flags cut short')
  const flagBits = new DataView(flags.buffer, flags.byteOffset).getUint32(0, !bigEndian)
  const arrayClass = flagBits & 0xff
  const unread = UNREAD_CLASSES.get(arrayClass)
  // what comes next in objects of newer classes is not published
  if (!isNumeric(arrayClass) && !unread) return [`class ${arrayClass}`, 'opaque']
  const shape = [...numbersOf(next('dimensions'))]
  const name = new TextDecoder('latin1').decode(next('a name').bytes)
  if (unread) return [name, unread]
  if (flagBits & COMPLEX_FLAG) return [name, 'complex array']
  if (shape.length < 2 || shape.length > MAX_RANK || shape.some((length) => length < 0)) {
    throw malformed(file, `variable "${name}" has dimensions that make no sense`, {
      received: formatShape(shape),
    })
  }
  const stored = next('elements')
  requireFit(stored, shape, name)
  return [name, fromColumnMajor(numbersOf(stored), shape)]
}

function requireFit(stored: MatElement, shape: readonly number[], name: string): void {
  const type = numberType(stored)
  const expected = elementCount(shape) * ELEMENT_BYTES[type]
  if (stored.bytes.length === expected) return
  throw malformed(stored.file, `variable "${name}" does not have as many numbers as its dimensions say`, {
    expected: `${expected} bytes for ${formatShape(shape)} of ${type}`,
    received: `${stored.bytes.length} bytes`,
  })
}

const numbersOf = (element: MatElement): Elements =>
  decodeElements(wholeElements(element), {
    type: numberType(element),
    bigEndian: element.bigEndian,
    where: element.file,
  })

function wholeElements(element: MatElement): Uint8Array {
  const size = ELEMENT_BYTES[numberType(element)]
  if (element.bytes.length % size === 0) return element.bytes
  throw malformed(element.file, 'numbers cut short', {
    expected: `a multiple of ${size} bytes`,
    received: `${element.bytes.length} bytes`,
  })
}

function numberType({ type, file }: MatElement): ElementType {
  const known = NUMBER_TYPES.get(type)
  if (known) return known
  throw malformed(file, 'an element that should hold numbers does not', { received: `type ${type}` })
}
