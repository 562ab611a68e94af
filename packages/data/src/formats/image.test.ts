import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectSame, fixture, truth } from '../../test/fixture.ts'
import { sharedData } from '../../test/shared-data.ts'
import { decodeImage, decodeMask, isColour } from './image.ts'

const names = (await readdir(fixture('images'))).filter((name) => !name.endsWith('.npy'))
const narrow = (await readdir(fixture('masks'))).filter((name) => /\.(png|bmp)$/.test(name))
const tiffs = (await readdir(fixture('tiff'))).filter((name) => name.endsWith('.tif'))

describe('decodeImage', () => {
  it.each(names)('reads %s as Pillow does', async (name) => {
    const expected = truth('images', name.replace(/\.[^.]*$/, '.npy'))
    const file = fixture('images', name)
    const colour = expected.shape.length === 3
    expect(await isColour(file)).toBe(colour)
    const image = await decodeImage(file, { colour })
    expect([image.height, image.width, image.channels]).toEqual([...expected.shape, 1].slice(0, 3))
    expectSame(image.data, expected.data, name)
  })

  it.each(tiffs)('reads %s as tifffile does: the first page, 16 bits where it has them', async (name) => {
    const expected = truth('tiff', name.replace('.tif', '.npy'))
    const image = await decodeImage(fixture('tiff', name), { colour: expected.shape.length === 3 })
    expect(image.data.constructor).toBe(expected.data.constructor)
    expectSame(image.data, expected.data, name)
  })

  it('gives grey as three equal channels where colour is asked for, keeping 16 bits', async () => {
    const { data } = await decodeImage(fixture('images', 'grey-16.png'), { colour: true })
    const grey = truth('images', 'grey-16.npy').data
    expectSame(
      data,
      Array.from({ length: data.length }, (_, at) => grey[Math.floor(at / 3)]!),
      'grey-16.png',
    )
  })

  it('refuses floating point, which has no range', async () => {
    const attempt = decodeImage(fixture('tiff-refused', 'float.tif'), { colour: false })
    await expect(attempt).rejects.toThrow('received float')
  })
})

describe('decodeMask', () => {
  it('keeps the ids of grey PNG and BMP files', async () => {
    expectSame(
      (await decodeMask(fixture('images', 'grey-16.png'))).data,
      truth('images', 'grey-16.npy').data,
      'PNG',
    )
    expectSame(
      (await decodeMask(fixture('images', 'grey-8.bmp'))).data,
      truth('images', 'grey-8.npy').data,
      'BMP',
    )
  })

  it.each(narrow)('has the ids of %s as they were written, not stretched to 0..255', async (name) => {
    const expected = truth('masks', name.replace(/\.[^.]*$/, '.npy'))
    expectSame((await decodeMask(fixture('masks', name))).data, expected.data, name)
  })

  it.each(['palette.png', 'palette-8.bmp', 'rgb.png', 'alpha.png'])('refuses %s', async (name) => {
    await expect(decodeMask(fixture('images', name))).rejects.toThrow(`${name}: a mask has one channel`)
  })

  it('refuses a TIFF of single bits, which Python packages read in two ways', async () => {
    await expect(decodeMask(fixture('masks', 'bits-1.tif'))).rejects.toThrow('received a TIFF of 1 bits')
  })

  it('refuses a bitmap whose greys are out of order, so that greys and indices differ', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'limbeck-masks-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const white = await readFile(fixture('masks', 'bits-1.bmp'))
    white.set([255, 255, 255, 0, 0, 0, 0, 0], 54)
    await writeFile(join(directory, 'white.bmp'), white)
    await expect(decodeMask(join(directory, 'white.bmp'))).rejects.toThrow('greys are out of order')
  })
})

const wbc = sharedData('wbc')
describe.skipIf(wbc.absent)(`white blood cells${wbc.absent}`, () => {
  it('the original bitmap is the PNG that was made of it', async () => {
    const [bitmap, png] = await Promise.all(
      ['original/001.bmp', 'images/001.png'].map((name) =>
        decodeImage(`${wbc.path}/${name}`, { colour: true }),
      ),
    )
    expectSame(bitmap!.data, png!.data, '001')
  })
})
