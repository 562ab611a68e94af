import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { expectSame, fixture, truth } from '../../test/fixture.ts'
import { readHdf5 } from './hdf5.ts'

const slice = await readFile(fixture('hdf5', 'patient001_frame01_slice_0.h5'))
const arrays = await readFile(fixture('hdf5-odd', 'arrays.h5'))

describe('readHdf5', () => {
  it('reads compressed, chunked arrays as h5py wrote them', async () => {
    const { image, label } = await readHdf5(slice, ['image', 'label'], 'here')
    expect(image.shape).toEqual([9, 12])
    expectSame(image.data, truth('hdf5', 'image.npy').data, 'image')
    expectSame(label.data, truth('hdf5', 'label.npy').data, 'label')
  })

  it.each(['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'i8', 'f4', 'f8', 'big-endian-i2', 'big-endian-f4'])(
    'reads numbers of type %s in a group',
    async (type) => {
      const { shape, data } = (await readHdf5(arrays, [`numbers/${type}`], 'here'))[`numbers/${type}`]!
      expect(shape).toEqual([2, 3])
      expect([...data]).toEqual([0, 1, 2, 3, 4, 5])
    },
  )

  it.each([
    ['a name that is not there', 'volum', 'did you mean "volume"?'],
    ['a group', 'numbers', 'holds no array "numbers"'],
    ['text', 'text', 'array "text"'],
    ['an array of 8 TB', 'huge', 'array "huge" cannot be read'],
    ['a link to another file', 'elsewhere', 'here: holds no array "elsewhere"'],
  ])('refuses %s', async (_, name, message) => {
    await expect(readHdf5(arrays, [name], 'here')).rejects.toThrow(message)
  })

  it('refuses files that are none, or cut short, and goes on reading after that', async () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(600),
      slice.subarray(0, 700),
      slice.subarray(0, -9),
    ]) {
      await expect(readHdf5(bytes, ['image'], 'here')).rejects.toThrow('here: cannot be read as HDF5')
    }
    expect((await readHdf5(slice, ['image'], 'here')).image.shape).toEqual([9, 12])
  })
})
