import { constants } from 'node:zlib'
import { FormatError } from '@limbeck/core'
import { readHeader } from 'nifti-reader-js'
import { readHead } from '../files/read-at.ts'
import { ELEMENT_BYTES, type ElementType } from './element-type.ts'
import { gunzip, isGzip } from './gunzip.ts'

/** Voxels and what lies before them, in bytes. */
export const MOST_NIFTI_BYTES = 2 ** 31
/** Enough for NIfTI-2's header and the four bytes that announce extensions. */
const HEADER_BYTES = 544
/** Enough of a compressed file to hold the header, with a long name before it. */
const HEAD_BYTES = 2 ** 14
/** Deflate never makes more of a byte (RFC 1951: a match of 258 in two bits). */
const MOST_INFLATION = 1032
/** The low byte of 540, the size that NIfTI-2's header begins with, in either byte order. */
const NIFTI_2 = 540 & 0xff
/** NIfTI's codes of the types that images come in. */
const TYPES: Readonly<Record<number, ElementType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
}

/** The header of a volume, as far as it says what the numbers are and how they lie. */
export interface NiftiHeader {
  /** Voxels along the file's axes i, j and k; i is fastest. */
  readonly shape: readonly [number, number, number]
  readonly type: ElementType
  readonly bigEndian: boolean
  /** Where the voxels begin, in the file as it is without compression. */
  readonly offset: number
  /** What a stored number means: `slope * number + intercept`. */
  readonly slope: number
  readonly intercept: number
  /**
   * Towards which side of the body the axes i, j and k run, as nibabel's `aff2axcodes` has it: `RAS` for right,
   * anterior, superior. Absent where the header does not say.
   */
  readonly orientation?: string
}

/** Reads the header of a `.nii` or `.nii.gz` (NIfTI-1 or NIfTI-2) and no more. Throws `FormatError` naming the file. */
export async function readNiftiHeader(file: string): Promise<NiftiHeader> {
  return parseNiftiHeader(await niftiHead(await readHead(file, HEAD_BYTES), file), file)
}

/** Parses a header that is not compressed. Throws `FormatError` that begins with `where`. */
export function parseNiftiHeader(bytes: Uint8Array, where: string): NiftiHeader {
  const header = fields(bytes, where)
  const [axes = 0, ...lengths] = header.dims
  const [i = 0, j = 0, k = 1, ...more] = lengths.slice(0, Math.max(0, axes))
  if (![i, j, k].every((n) => Number.isInteger(n) && n > 0) || more.some((n) => n > 1)) {
    throw new FormatError('nifti/shape', `${where}: not a volume of three axes`, {
      expected: 'i × j × k voxels',
      received: lengths.slice(0, Math.max(0, axes)).join(' × ') || 'none',
      hint: 'split a series of volumes into one file each',
    })
  }
  const type = TYPES[header.datatypeCode]
  if (!type) {
    throw new FormatError('nifti/type', `${where}: voxels of this type are not read`, {
      expected: Object.values(TYPES).join(', '),
      received: `NIfTI data type ${header.datatypeCode}`,
    })
  }
  const { vox_offset: offset, scl_slope: slope, scl_inter: intercept } = header
  if (offset < headerBytes(bytes)) {
    throw new FormatError('nifti/offset', `${where}: the voxels begin within the header`, {
      expected: `at byte ${headerBytes(bytes)} or later`,
      received: `byte ${offset}`,
      hint: 'an .hdr/.img pair is not read: save it as one .nii',
    })
  }
  const orientation = orientationOf(header)
  const shape = [i, j, k] as const
  const bytesOfAll = i * j * k * ELEMENT_BYTES[type]
  if (
    !(offset >= 0 && Number.isInteger(offset)) ||
    offset > MOST_NIFTI_BYTES ||
    bytesOfAll > MOST_NIFTI_BYTES
  ) {
    throw new FormatError('nifti/size', `${where}: the header asks for too much`, {
      expected: `at most ${MOST_NIFTI_BYTES} bytes`,
      received: `${bytesOfAll} from byte ${offset}`,
    })
  }
  // a slope of zero means that numbers stand for themselves, in the standard's own words
  const scaled = Number.isFinite(slope) && slope !== 0
  return {
    shape,
    type,
    bigEndian: !header.littleEndian,
    offset,
    slope: scaled ? slope : 1,
    intercept: scaled && Number.isFinite(intercept) ? intercept : 0,
    ...(orientation !== undefined && { orientation }),
  }
}

const SIDES = ['LR', 'PA', 'IS'] as const

/** The side that each axis of the file runs to most of all. */
function orientationOf(header: ReturnType<typeof readHeader>): string | undefined {
  if (header.qform_code < 1 && header.sform_code < 1) return undefined
  const sides = [0, 1, 2].map((axis) => {
    const along = SIDES.map((_, side) => header.affine[side]![axis]!)
    const side = along.map(Math.abs).indexOf(Math.max(...along.map(Math.abs)))
    return along[side] ? SIDES[side]![along[side] > 0 ? 1 : 0]! : '?'
  })
  const distinct = new Set(sides.map((side) => SIDES.findIndex((both) => both.includes(side))))
  return distinct.size === 3 && !sides.includes('?') ? sides.join('') : undefined
}

const headerBytes = (bytes: Uint8Array): number => (bytes[0] === NIFTI_2 || bytes[3] === NIFTI_2 ? 540 : 348)

function fields(bytes: Uint8Array, where: string): ReturnType<typeof readHeader> {
  const own = new Uint8Array(HEADER_BYTES)
  own.set(bytes.subarray(0, HEADER_BYTES))
  // without the announcement of extensions, which the library would follow wherever they point
  const end = headerBytes(own)
  own.fill(0, end, end + 4)
  try {
    return readHeader(own.buffer)
  } catch (error) {
    throw new FormatError('nifti/header', `${where}: not a NIfTI file`, {
      received: (error as Error).message,
      hint: 'an .hdr/.img pair is not read: save it as one .nii',
      cause: error,
    })
  }
}

/** The header without compression, and of a compressed file what follows it in its first bytes. */
export async function niftiHead(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes.subarray(0, HEADER_BYTES)
  const start = bytes.subarray(0, HEAD_BYTES)
  // sync flush: the start of a stream is no error
  return gunzip(start, { limit: start.length * MOST_INFLATION, finishFlush: constants.Z_SYNC_FLUSH, where })
}
