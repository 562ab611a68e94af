import { FormatError, formatShape } from '@limbeck/core'
import { decodeElements, ELEMENT_BYTES, type ElementType } from './element-type.ts'
import { elementCount, fromColumnMajor, type NumericArray } from './numeric-array.ts'

/** What the head of a `.npy` file says. */
export interface NpyHeader {
  readonly shape: readonly number[]
  /** Numbers, or text of at most `characters` UTF-32 code points an element. */
  readonly element: { readonly type: ElementType } | { readonly type: 'text'; readonly characters: number }
  readonly bigEndian: boolean
  /** Whether the first axis is fastest, not the last. */
  readonly columnMajor: boolean
  /** Where the elements begin, in bytes from the start of the file. */
  readonly dataStart: number
  readonly bytesPerElement: number
}

/** As many bytes as a head may have: NumPy's own limit for its text (`max_header_size`) and what stands before it. */
export const NPY_HEADER_LIMIT = 10_000 + 12

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
/** More axes than NumPy 2 allows are nonsense. */
const MAX_RANK = 64

const NUMBERS: Readonly<Record<string, ElementType>> = {
  b1: 'uint8',
  u1: 'uint8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f4: 'float32',
  f8: 'float64',
}

/**
 * Reads the head of a `.npy` file, versions 1 to 3 (NumPy, `numpy.lib.format`), from its first bytes, up to
 * `NPY_HEADER_LIMIT` of them. `fileBytes` is the size of the whole file: a head that wants more is refused before
 * anything is allocated. Throws `FormatError` that names `file`; pickled Python objects are refused, because reading
 * them means running code out of the file.
 */
export function parseNpyHeader(
  bytes: Uint8Array,
  { file, fileBytes }: { readonly file: string; readonly fileBytes: number },
): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw malformed(file, 'this is not a .npy file', { expected: 'a file that begins with \\x93NUMPY' })
  }
  const [text, dataStart] = headerText(bytes, file)
  const descr = /['"]descr['"]\s*:\s*(?:(['"])([^'"]*)\1|\[)/.exec(text)
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)
  const dimensions = /['"]shape['"]\s*:\s*\(([^()]*)\)/.exec(text)
  if (!descr || !order || !dimensions) {
    throw malformed(file, 'the head lacks descr, fortran_order or shape', { received: text.trim() })
  }
  const shape = parseShape(dimensions[1]!, file)
  const { element, bigEndian, bytesPerElement } = parseDescr(descr[2] ?? 'a record', file)
  const wanted = dataStart + elementCount(shape) * bytesPerElement
  if (!(wanted <= fileBytes)) {
    throw malformed(file, 'the file is shorter than its head says', {
      expected: `${wanted} bytes for ${formatShape(shape)}`,
      received: `${fileBytes} bytes`,
      hint: 'is the file complete?',
    })
  }
  return { shape, element, bigEndian, columnMajor: order[1] === 'True', dataStart, bytesPerElement }
}

/** Reads a whole `.npy` file of numbers. Throws `FormatError` that names `file`. */
export function parseNpy(bytes: Uint8Array, file: string): NumericArray {
  const header = parseNpyHeader(bytes, { file, fileBytes: bytes.length })
  const { shape, dataStart, columnMajor } = header
  const end = dataStart + elementCount(shape) * header.bytesPerElement
  const data = decodeNpyNumbers(bytes.subarray(dataStart, end), header, file)
  return columnMajor ? fromColumnMajor(data, shape) : { shape, data }
}

/** Reads a whole `.npy` file of text (dtype `U`), flat. Throws `FormatError` that names `file`. */
export function parseNpyText(bytes: Uint8Array, file: string): string[] {
  const { element, shape, bigEndian, dataStart } = parseNpyHeader(bytes, { file, fileBytes: bytes.length })
  if (element.type !== 'text') {
    throw malformed(file, 'holds numbers where text is wanted', { received: element.type })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = (start: number): string => {
    let text = ''
    for (let i = 0; i < element.characters; i++) {
      const point = view.getUint32(start + 4 * i, !bigEndian)
      if (point === 0) break
      if (point > 0x10ffff)
        throw malformed(file, 'holds text that is not UTF-32', { received: String(point) })
      text += String.fromCodePoint(point)
    }
    return text
  }
  const count = element.characters === 0 ? 0 : elementCount(shape)
  return Array.from({ length: count }, (_, i) => read(dataStart + 4 * element.characters * i))
}

/** The numbers in a piece of a file's data. */
export function decodeNpyNumbers(bytes: Uint8Array, { element, bigEndian }: NpyHeader, file: string) {
  if (element.type === 'text') throw malformed(file, 'holds text where numbers are wanted')
  return decodeElements(bytes, { type: element.type, bigEndian, where: file })
}

/** The Python dictionary of the head, and where the data begin. */
function headerText(bytes: Uint8Array, file: string): [text: string, dataStart: number] {
  const version = bytes[6]!
  if (version < 1 || version > 3) {
    throw malformed(file, 'unknown version of the format', {
      expected: '1, 2 or 3',
      received: String(version),
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : bytes.length < 12 ? 0 : view.getUint32(8, true)
  if (start + length > Math.min(bytes.length, NPY_HEADER_LIMIT)) {
    throw malformed(file, 'the head is longer than the file or than NumPy writes', {
      received: `a head of ${length} bytes`,
    })
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(start, start + length),
  )
  if (!/^\{.*\}\s*$/s.test(text)) throw malformed(file, 'the head is not a Python dictionary')
  return [text, start + length]
}

function parseShape(text: string, file: string): number[] {
  const parts = text.split(',').map((part) => part.trim())
  // a tuple may end with a comma, and one of a single element must
  if (parts.at(-1) === '') parts.pop()
  // Python 2 wrote long integers as 3L
  const shape = parts.map((part) => (/^\d{1,15}L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN))
  if (shape.length > MAX_RANK || shape.some(Number.isNaN)) {
    throw malformed(file, 'the shape cannot be read', { received: `(${text.trim()})` })
  }
  return shape
}

function parseDescr(
  descr: string,
  file: string,
): Pick<NpyHeader, 'element' | 'bigEndian' | 'bytesPerElement'> {
  const [, order, kind, size] = /^([<>|=]?)([a-zA-Z])(\d{0,6})$/.exec(descr) ?? []
  if (kind === 'O') {
    throw new FormatError('npy/pickled', `${file}: holds pickled Python objects, which are never loaded`, {
      received: `dtype ${descr}`,
      hint:
        'convert it once, in Python you trust: a = np.load(file, allow_pickle=True); ' +
        'then np.save each array, as np.save("x.npy", a.item()["inst_map"].astype(np.int32))',
    })
  }
  const bigEndian = order === '>'
  if (kind === 'U') {
    const characters = Number(size)
    return { element: { type: 'text', characters }, bigEndian, bytesPerElement: 4 * characters }
  }
  const type = NUMBERS[`${kind}${size}`]
  if (type === undefined) {
    throw malformed(file, 'elements of a type that is not read', {
      expected: `one of ${Object.keys(NUMBERS).join(', ')}`,
      received: descr,
      hint: 'convert it in Python: np.save(file, np.load(file).astype(np.float32))',
    })
  }
  return { element: { type }, bigEndian, bytesPerElement: ELEMENT_BYTES[type] }
}

const malformed = (file: string, what: string, details = {}): FormatError =>
  new FormatError('npy/malformed', `${file}: ${what}`, details)
