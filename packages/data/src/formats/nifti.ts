import { DataError, FormatError } from '@limbeck/core'
import { readBytes } from '../files/read-whole.ts'
import { decodeElements, ELEMENT_BYTES, type Elements } from './element-type.ts'
import { gunzip, isGzip } from './gunzip.ts'
import { MOST_NIFTI_BYTES, type NiftiHeader, niftiHead, parseNiftiHeader } from './nifti-header.ts'

/** Bytes that may follow the voxels. */
const MOST_BEHIND = 2 ** 20

/** An axis of a volume, as the file counts them. */
export type NiftiAxis = 0 | 1 | 2

/** A plane of a volume, row by row. */
export interface NiftiSlice {
  readonly width: number
  readonly height: number
  /** Scaled by slope and intercept. */
  readonly data: Float32Array
}

/** An open volume of which slices can be cut. */
export interface NiftiVolume {
  readonly header: NiftiHeader
  /** Bytes in memory. */
  readonly byteLength: number
  /**
   * Slice `index` across `axis`. The faster of the other two axes runs along the rows, as the file (and SimpleITK's
   * arrays) have it: across axis 2 that is nibabel's `data[:, :, index].T`. No affine is applied: nothing is turned
   * or mirrored.
   */
  slice(axis: NiftiAxis, index: number): NiftiSlice
}

/** Reads a volume of three axes into memory. Throws `FormatError` naming the file. */
export async function readNifti(file: string): Promise<NiftiVolume> {
  return parseNifti(await readBytes(file, MOST_NIFTI_BYTES), file)
}

/** A volume from the bytes of a `.nii` or `.nii.gz`. Throws `FormatError` that begins with `where`. */
export async function parseNifti(bytes: Uint8Array, where: string): Promise<NiftiVolume> {
  const header = parseNiftiHeader(await niftiHead(bytes, where), where)
  const end = header.offset + volumeBytes(header)
  const plain = isGzip(bytes) ? await gunzip(bytes, { limit: end + MOST_BEHIND, where }) : bytes
  if (end > plain.length) {
    throw new FormatError('nifti/truncated', `${where}: the volume is cut short`, {
      expected: `${end} bytes`,
      received: `${plain.length}`,
      hint: 'is the file complete?',
    })
  }
  const { type, bigEndian } = header
  const data = decodeElements(plain.subarray(header.offset, end), { type, bigEndian, where })
  return { header, byteLength: data.byteLength, slice: (axis, index) => cutSlice(data, header, axis, index) }
}

const volumeBytes = ({ shape: [i, j, k], type }: NiftiHeader): number => i * j * k * ELEMENT_BYTES[type]

function cutSlice(data: Elements, header: NiftiHeader, axis: NiftiAxis, index: number): NiftiSlice {
  const { shape, slope, intercept } = header
  if (!(Number.isInteger(index) && index >= 0 && index < shape[axis])) {
    throw new DataError('nifti/slice', `no slice ${index} across axis ${axis}`, {
      expected: `0 to ${shape[axis] - 1}`,
      received: `${index}`,
    })
  }
  const strides = [1, shape[0], shape[0] * shape[1]] as const
  const [along, down] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1]
  const width = shape[along]!
  const height = shape[down]!
  const slice = new Float32Array(width * height)
  for (let y = 0, to = 0; y < height; y++) {
    let from = index * strides[axis] + y * strides[down]!
    for (let x = 0; x < width; x++, from += strides[along]!) slice[to++] = slope * data[from]! + intercept
  }
  return { width, height, data: slice }
}
