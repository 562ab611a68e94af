import { readFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { expectSame, fixture, truth } from '../../test/fixture.ts'
import { type NiftiAxis, parseNifti, readNifti } from './nifti.ts'
import { readNiftiHeader } from './nifti-header.ts'

const files = [
  ['imagesTr/liver_01.nii.gz', 'int16'],
  ['imagesTr/liver_02_0000.nii', 'float32'],
  ['imagesTr/liver_03.nii.gz', 'float64'],
  ['labelsTr/liver_03.nii.gz', 'int32'],
] as const

describe('NIfTI', () => {
  it.each(files)(
    '%s: header and slices across every axis are those that nibabel reads',
    async (name, type) => {
      const [directory, file] = name.split('/') as [string, string]
      const { data, shape } = truth('nifti', `${file.replace(/\..*/, '')}.${directory}.npy`)
      const [i, j, k] = shape as [number, number, number]
      expect(await readNiftiHeader(fixture('nifti', name))).toMatchObject({ shape: [i, j, k], type })
      const volume = await readNifti(fixture('nifti', name))
      const at = (x: number, y: number, z: number) => data[(x * j + y) * k + z]!
      const voxel = [
        (index: number, row: number, column: number) => at(index, column, row),
        (index: number, row: number, column: number) => at(column, index, row),
        (index: number, row: number, column: number) => at(column, row, index),
      ]
      for (const axis of [0, 1, 2] as const) {
        for (let index = 0; index < shape[axis]!; index++) {
          const slice = volume.slice(axis, index)
          const expected = Array.from({ length: slice.width * slice.height }, (_, pixel) =>
            voxel[axis]!(index, Math.floor(pixel / slice.width), pixel % slice.width),
          )
          expectSame(slice.data, expected, `${name}, slice ${index} across ${axis}`)
        }
      }
    },
  )

  it('refuses a slice that is not there', async () => {
    const volume = await readNifti(fixture('nifti', files[0][0]))
    for (const [axis, index] of [
      [0, 7],
      [2, -1],
      [1, 0.5],
    ] as [NiftiAxis, number][]) {
      expect(() => volume.slice(axis, index)).toThrow(`no slice ${index} across axis ${axis}`)
    }
  })

  it('refuses a series of volumes, and says what to do', async () => {
    const header = readNiftiHeader(fixture('nifti', 'series.nii.gz'))
    await expect(header).rejects.toThrow('series.nii.gz: not a volume of three axes')
  })

  it('refuses a file that is none, or cut short, compressed or not', async () => {
    const compressed = await readFile(fixture('nifti', files[0][0]))
    const plain = gunzipSync(compressed)
    for (const bytes of [compressed.subarray(0, 60), compressed.subarray(0, -9), plain.subarray(0, 351)]) {
      await expect(parseNifti(bytes, 'here')).rejects.toThrow('here: ')
    }
    await expect(parseNifti(plain.subarray(0, -1), 'here')).rejects.toThrow('here: the volume is cut short')
    await expect(parseNifti(new Uint8Array(9), 'here')).rejects.toThrow('here: not a NIfTI file')
  })

  it('refuses sizes that no file has, before taking memory', async () => {
    const plain = gunzipSync(await readFile(fixture('nifti', files[0][0])))
    plain.writeInt16LE(32_000, 42)
    await expect(parseNifti(plain, 'here')).rejects.toThrow('here: the volume is cut short')
    await expect(parseNifti(gzipSync(plain), 'here')).rejects.toThrow('here: the volume is cut short')
    plain.writeInt16LE(32_000, 44)
    await expect(parseNifti(plain, 'here')).rejects.toThrow('here: the header asks for too much')
    plain.writeInt16LE(-3, 44)
    await expect(parseNifti(plain, 'here')).rejects.toThrow('here: not a volume of three axes')
  })

  it('refuses a bomb: more bytes than the header says', async () => {
    const plain = gunzipSync(await readFile(fixture('nifti', files[0][0])))
    const bomb = gzipSync(Buffer.concat([plain, Buffer.alloc(2 ** 24)]))
    await expect(parseNifti(bomb, 'here')).rejects.toThrow(
      /here: cannot be inflated\n {2}expected at most \d+ bytes\n {2}received more/,
    )
  })

  it('refuses voxels that would begin within the header', async () => {
    const plain = gunzipSync(await readFile(fixture('nifti', files[0][0])))
    for (const offset of [0, 176]) {
      plain.writeFloatLE(offset, 108)
      await expect(parseNifti(plain, 'here')).rejects.toThrow('here: the voxels begin within the header')
    }
  })

  it.each<[string, number, readonly number[]]>([
    ['LAS', 1, [-1.5, 0, 0, 0, 1.5, 0, 0, 0, 5]],
    ['RAS', 1, [1.5, 0, 0, 0, 1.5, 0, 0, 0, 5]],
    // columns are the axes of the file: i to the inferior, j to the right, k to the anterior, each a bit askew
    ['IRA', 1, [0.1, 1.5, 0.2, 0.2, 0.1, 5, -1.5, 0.1, 0]],
    [undefined as unknown as string, 0, [1.5, 0, 0, 0, 1.5, 0, 0, 0, 5]],
    [undefined as unknown as string, 1, [1.5, 0, 0, 0, 0, 0, 0, 0, 5]],
  ])('knows that its axes run %s', async (orientation, code, matrix) => {
    const plain = gunzipSync(await readFile(fixture('nifti', files[0][0])))
    plain.writeInt16LE(0, 252)
    plain.writeInt16LE(code, 254)
    for (const [at, value] of matrix.entries()) plain.writeFloatLE(value, 280 + 4 * (at + Math.floor(at / 3)))
    expect((await parseNifti(plain, 'here')).header.orientation).toBe(orientation)
  })

  it('does not follow extensions, wherever they point', async () => {
    const plain = gunzipSync(await readFile(fixture('nifti', files[0][0])))
    plain.fill(1, 348, 352)
    expect((await parseNifti(plain, 'here')).header.shape).toEqual([7, 6, 5])
  })
})
