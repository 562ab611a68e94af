import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parseSafetensors, type Random, serializeSafetensors } from '@limbeck/core'
import { readHdf5 } from '../../src/formats/hdf5.ts'
import { parseMat } from '../../src/formats/mat.ts'
import { parseNifti } from '../../src/formats/nifti.ts'
import { parseNpy, parseNpyText } from '../../src/formats/npy.ts'
import { openNpy } from '../../src/formats/npy-file.ts'
import { fixtureSeeds } from './fixture-seeds.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { mutateJson } from './mutate-json.ts'

/** Throws when an array does not hold what its shape says. */
function requireFilled({
  shape,
  data,
}: {
  readonly shape: readonly number[]
  readonly data: ArrayLike<unknown>
}): void {
  const whole = shape.every((length) => Number.isSafeInteger(length) && length >= 0)
  const count = shape.reduce((product, length) => product * length, 1)
  if (!whole || count !== data.length)
    throw new Error(`wrong answer: [${shape.join(', ')}] with ${data.length} elements`)
}

export const npy: FuzzTarget = {
  name: 'npy',
  words: [
    '|O',
    '<f8',
    '>i4',
    '<U9999',
    '|V8',
    'True',
    '()',
    '(1,)',
    '(99999999,9999999)',
    '(-1,)',
    "'shape'",
    '}',
    '{',
  ],
  seeds: () => fixtureSeeds('.npy'),
  async read(bytes) {
    requireFilled(parseNpy(bytes, 'case.npy'))
  },
}

export const npyText: FuzzTarget = {
  ...npy,
  name: 'npy-text',
  seeds: () => fixtureSeeds('text.npy'),
  async read(bytes) {
    if (parseNpyText(bytes, 'case.npy').some((text) => typeof text !== 'string'))
      throw new Error('wrong answer')
  },
}

export const npyRows: FuzzTarget = {
  ...npy,
  name: 'npy-rows',
  async read(bytes, directory) {
    const file = join(directory, 'case.npy')
    await writeFile(file, bytes)
    const { shape, row } = await openNpy(file)
    if (shape[0]! > 0) for (const index of [0, shape[0]! - 1]) requireFilled(await row(index))
  },
}

export const mat: FuzzTarget = {
  name: 'mat',
  words: [
    'MATLAB 5.0 MAT-file',
    'MATLAB 7.3',
    'IM',
    'MI',
    '\u000e\0\0\0',
    '\u000f\0\0\0',
    '\u0006\0\0\0',
    'inst_map',
  ],
  seeds: () => fixtureSeeds('.mat'),
  async read(bytes) {
    for (const value of parseMat(bytes, 'case.mat').values())
      if (typeof value === 'object') requireFilled(value)
  },
}

export const nifti: FuzzTarget = {
  name: 'nifti',
  words: ['n+1\0', 'ni1\0', 'n+2\0', '\\\u0001\0\0', '\u0010\0', '\u0040\0'],
  seeds: async () =>
    (await fixtureSeeds('.nii', '.nii.gz')).map((file) => (file[0] === 0x1f ? gunzipSync(file) : file)),
  async read(bytes) {
    const { header, slice } = await parseNifti(bytes, 'case.nii')
    for (const axis of [0, 1, 2] as const) {
      const { width, height, data } = slice(axis, header.shape[axis] - 1)
      requireFilled({ shape: [height, width], data })
    }
  },
}

/** As `nifti`, compressed after it was changed. */
export const niftiCompressed: FuzzTarget = {
  ...nifti,
  name: 'nifti-gz',
  repair: (bytes) => Uint8Array.from(gzipSync(bytes, { level: 1 })),
}

/** Damage of the compressed bytes themselves. */
export const gzip: FuzzTarget = {
  ...nifti,
  name: 'gzip',
  seeds: () => fixtureSeeds('.nii.gz'),
}

export const hdf5: FuzzTarget = {
  name: 'hdf5',
  words: ['\u0089HDF\r\n\u001a\n', 'TREE', 'HEAP', 'SNOD', 'OHDR', 'FRHP', 'image', 'label'],
  seeds: () => fixtureSeeds('.h5'),
  async read(bytes) {
    requireFilled((await readHdf5(bytes, ['label'], 'case.h5')).label)
  },
}

/** Another head of JSON, with the length that belongs to it. */
function mutateSafetensors(seed: Uint8Array, random: Random): Uint8Array {
  const length = Number(Buffer.from(seed).readBigUInt64LE())
  const head = Buffer.from(mutateJson(Buffer.from(seed.subarray(8, 8 + length)).toString(), random))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(head.length))
  return Uint8Array.from(Buffer.concat([prefix, head, seed.subarray(8 + length)]))
}

export const safetensors: FuzzTarget = {
  name: 'safetensors',
  words: [
    'F32',
    'BF16',
    'I64',
    'dtype',
    'shape',
    'data_offsets',
    '__metadata__',
    '__proto__',
    '[[[[',
    'constructor',
    '{}',
    '"F64"',
  ],
  async seeds() {
    const tensors = new Map([
      ['encoder.0.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['steps', { shape: [], data: Int32Array.of(7) }],
      ['mask', { shape: [4], data: Uint8Array.of(0, 1, 1, 0) }],
      ['wide', { shape: [1, 2], data: Float64Array.of(0.5, -1) }],
    ])
    return [
      serializeSafetensors({ tensors, metadata: {} }),
      serializeSafetensors({
        tensors: new Map([...tensors].slice(0, 1)),
        metadata: { model: 'unet', classes: '[]' },
      }),
    ]
  },
  mutate: mutateSafetensors,
  async read(bytes) {
    const { tensors, metadata } = parseSafetensors(bytes)
    let total = 0
    for (const tensor of tensors.values()) {
      requireFilled(tensor)
      total += tensor.data.byteLength
    }
    // no dtype is widened by more than two
    if (total > 2 * bytes.length) throw new Error(`wrong answer: ${total} bytes out of ${bytes.length}`)
    for (const value of Object.values(metadata))
      if (typeof value !== 'string') throw new Error('wrong answer: metadata')
  },
}
