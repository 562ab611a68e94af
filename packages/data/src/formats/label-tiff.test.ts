import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@limbeck/core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LabelTiffWriter } from './label-tiff.ts'
import { openRegionReader } from './region-reader.ts'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-tiff-'))
})
afterAll(() => rm(home, { recursive: true }))

const SIZE = { width: 1100, height: 1300 }
const random = new Random(3)
const map = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, at) => (at % 97) + random.integer(3))

/** Parts of the map of some numbers of rows. */
function* parts(from: number, ...heights: readonly number[]): Generator<Uint8Array> {
  let row = from
  for (const height of heights) {
    yield map.subarray(row * SIZE.width, (row + height) * SIZE.width)
    row += height
  }
}

describe('LabelTiffWriter', () => {
  it('writes what libtiff and our reader read', async () => {
    const file = join(home, 'whole.tif')
    const writer = await LabelTiffWriter.open(file, SIZE)
    for (const rows of parts(0, 1, 700, 599)) await writer.append(rows)
    await writer.finish()
    const decoded = await sharp(file).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
    expect(decoded.info).toMatchObject({ ...SIZE, channels: 1 })
    expect(Buffer.compare(decoded.data, map)).toBe(0)
    const reader = await openRegionReader(file)
    expect(await reader.read({ left: 600, top: 900, width: 3, height: 1 })).toEqual(
      map.slice(900 * SIZE.width + 600, 900 * SIZE.width + 603),
    )
    await reader.close()
  })

  it.each([
    [16, 16],
    [1, 1],
    [40, 20],
    [20, 600],
    [700, 33],
  ])('writes maps of %i × %i, which libtiff reads too', async (width, height) => {
    const file = join(home, `${width}-${height}.tif`)
    const pixels = map.slice(0, width * height)
    const writer = await LabelTiffWriter.open(file, { width, height })
    await writer.append(pixels)
    await writer.finish()
    expect(Buffer.compare(await sharp(file).toColourspace('b-w').raw().toBuffer(), pixels)).toBe(0)
    const reader = await openRegionReader(file)
    expect(await reader.read({ left: 0, top: 0, width, height })).toEqual(pixels)
    await reader.close()
  })

  it('goes on from a state as if it had not been stopped', async () => {
    const whole = await readFile(join(home, 'whole.tif'))
    const file = join(home, 'resumed.tif')
    const first = await LabelTiffWriter.open(file, SIZE)
    expect(await first.append([...parts(0, 300)][0]!)).toBe(false)
    expect(await first.append([...parts(300, 300)][0]!)).toBe(true)
    const state = JSON.parse(JSON.stringify(first.state))
    expect(state.rows).toBe(512)
    await first.append([...parts(600, 700)][0]!)
    await first.close()

    const second = await LabelTiffWriter.open(file, SIZE, { state })
    for (const rows of parts(512, 788)) await second.append(rows)
    await second.finish()
    expect(Buffer.compare(await readFile(file), whole)).toBe(0)
  })

  it('writes BigTIFF too', async () => {
    const file = join(home, 'big.tif')
    const writer = await LabelTiffWriter.open(file, SIZE, { format: 'BigTIFF' })
    await writer.append(map)
    await writer.finish()
    expect((await readFile(file)).subarray(0, 4).toString('latin1')).toBe('II+\0')
    expect(Buffer.compare(await sharp(file).toColourspace('b-w').raw().toBuffer(), map)).toBe(0)
  })
})
