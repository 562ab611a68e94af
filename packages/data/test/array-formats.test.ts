import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeImage, decodeMask } from '../src/formats/image.ts'
import { parseMat, requireArray } from '../src/formats/mat.ts'
import { parseNpy, parseNpyText } from '../src/formats/npy.ts'
import { openNpy } from '../src/formats/npy-file.ts'
import { firstDifference } from './map-comparison.ts'
import { sharedData } from './shared-data.ts'

/** Written by NumPy and SciPy; see array-sets.py. */
const arrays = fileURLToPath(new URL('./fixtures/array-sets/arrays', import.meta.url))
const read = (name: string) => readFileSync(join(arrays, name))
/** Element (i, j, k) of the arrays is 100 i + 10 j + k. */
const VALUES = Array.from(
  { length: 24 },
  (_, at) => 100 * Math.floor(at / 12) + 10 * (Math.floor(at / 4) % 3) + (at % 4),
)

describe('.npy as NumPy writes it', () => {
  const files = readdirSync(arrays).filter((name) => /-[CF]\.npy$/.test(name))

  it.each(files)('%s', async (name) => {
    const { shape, data } = parseNpy(read(name), name)
    expect(shape).toEqual([2, 3, 4])
    expect([...data]).toEqual(name.startsWith('i1') ? VALUES.map((value) => value % 100) : VALUES)
    if (name.endsWith('F.npy')) return
    const row = await (await openNpy(join(arrays, name))).row(1)
    expect(row).toEqual({ shape: [3, 4], data: data.slice(12) })
  })

  it('text', () => {
    expect(parseNpyText(read('text.npy'), 'text.npy')).toEqual(['Breast', 'Bile-duct', 'Größe'])
  })

  it('pickled objects are refused', () => {
    expect(() => parseNpy(read('pickled.npy'), 'pickled.npy')).toThrow('pickled Python objects')
  })
})

describe.each(['plain.mat', 'compressed.mat'])('%s as SciPy writes it', (name) => {
  const variables = parseMat(read(name), name)

  it.each(['uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'])(
    '%s',
    (type) => {
      const { shape, data } = requireArray(variables, type, name)
      expect(shape).toEqual([2, 3, 4])
      expect([...data]).toEqual(type === 'uint8' ? VALUES.map((value) => value % 256) : VALUES)
    },
  )

  it('planes, empty arrays and logical ones', () => {
    expect([...requireArray(variables, 'plane', name).data]).toEqual(VALUES.slice(0, 12))
    expect(requireArray(variables, 'empty', name).shape).toEqual([0, 3])
    expect([...requireArray(variables, 'flags', name).data]).toEqual(
      VALUES.slice(0, 12).map((v) => Number(v > 11)),
    )
  })

  it('says of what it does not read what it is', () => {
    const kinds = ['text', 'cells', 'record', 'complex', 'sparse'].map((key) => variables.get(key))
    expect(kinds).toEqual(['text', 'cell array', 'struct', 'complex array', 'sparse array'])
  })
})

const monusac = sharedData('monusac-typed-1')
describe.skipIf(monusac.absent)(`arrays of one MoNuSAC patch${monusac.absent}`, () => {
  it('hold the class ids of the mask beside them, as float64', async () => {
    const { data } = parseNpy(readFileSync(join(monusac.path, 'original/nc_target.npy')), 'nc_target.npy')
    expect(data).toBeInstanceOf(Float64Array)
    expect(firstDifference(data, (await decodeMask(join(monusac.path, 'masks/patch.png'))).data)).toBe(-1)
  })

  it('hold the pixels of the image beside them, as float32 in 0..1, channels first', async () => {
    const { shape, data } = parseNpy(readFileSync(join(monusac.path, 'original/image.npy')), 'image.npy')
    expect(shape).toEqual([1, 3, 256, 256])
    const pixels = 256 * 256
    const image = await decodeImage(join(monusac.path, 'images/patch.png'), { colour: true })
    const interleaved = image.data.map((_, at) =>
      Math.round(data[(at % 3) * pixels + Math.floor(at / 3)]! * 255),
    )
    expect(firstDifference(interleaved, image.data)).toBe(-1)
  })
})

const nucls = sharedData('nucls-mini', 'original', 'train_1.npy')
it.skipIf(nucls.absent)(`the pickled labels of NuCLS are refused, with a way out${nucls.absent}`, () => {
  expect(() => parseNpy(readFileSync(nucls.path), nucls.path)).toThrow(
    /train_1\.npy: holds pickled.*convert it once/s,
  )
})
