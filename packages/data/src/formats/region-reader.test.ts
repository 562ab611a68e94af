import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectSame, fixture, truth } from '../../test/fixture.ts'
import { openRegionReader } from './region-reader.ts'

const names = (await readdir(fixture('tiff'))).filter((name) => name.endsWith('.tif'))
let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'limbeck-regions-'))
})
afterAll(() => rm(scratch, { recursive: true }))

/** What a window of an array of rows holds. */
function part(
  of: ArrayLike<number>,
  rowLength: number,
  { left, top, width, height, channels }: Part,
): number[] {
  return Array.from({ length: height * width * channels }, (_, at) => {
    const row = Math.floor(at / (width * channels))
    return of[((top + row) * rowLength + left) * channels + (at % (width * channels))]!
  })
}
interface Part {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly channels: number
}

describe('openRegionReader', () => {
  it.each(names)('reads %s as tifffile does, whole and by windows across blocks', async (name) => {
    const expected = truth('tiff', name.replace('.tif', '.npy'))
    const reader = await openRegionReader(fixture('tiff', name))
    const { width, height, channels } = reader
    expect([height, width]).toEqual(expected.shape.slice(0, 2))
    expect(channels).toBe(expected.shape[2] ?? 1)
    expect(reader.bits).toBe(expected.data instanceof Uint16Array ? 16 : 8)
    expectSame(await reader.read({ left: 0, top: 0, width, height }), expected.data, name)
    for (const [left, top, w, h] of [
      [13, 5, 21, 19],
      [40, 29, 1, 1],
      [0, 14, 41, 2],
    ] as const) {
      const window = { left, top, width: w, height: h }
      expectSame(
        await reader.read(window),
        part(expected.data, width, { ...window, channels }),
        `${name} in part`,
      )
    }
    await reader.close()
  })

  it.each(['rgb.png', 'grey-16.png', 'lossless.webp', 'rgb-24.bmp'])(
    'reads %s, decoded whole',
    async (name) => {
      const expected = truth('images', name.replace(/\..*/, '.npy'))
      const reader = await openRegionReader(fixture('images', name))
      const { width, channels } = reader
      const window = { left: 3, top: 2, width: 5, height: 7 }
      expectSame(await reader.read(window), part(expected.data, width, { ...window, channels }), name)
      await reader.close()
    },
  )

  it.each([
    ['jpeg2000.svs', 'received JPEG 2000', 'vips tiffsave'],
    ['float.tif', 'received floating point', '8 or 16 bits'],
    ['planes.tif', 'separate planes', 'vips tiffsave'],
    ['palette.tif', 'photometric interpretation 3', 'vips colourspace'],
    ['turned.tif', 'received orientation 6', 'vips autorot'],
  ])('refuses %s and says how to convert it', async (name, ...messages) => {
    for (const message of messages) {
      await expect(openRegionReader(fixture('tiff-refused', name))).rejects.toThrow(message)
    }
  })

  it('refuses windows that reach out of the image, are empty or lie between pixels', async () => {
    const reader = await openRegionReader(fixture('tiff', 'tile.tif'))
    const window = { left: 0, top: 0, width: 4, height: 4 }
    for (const wrong of [
      { left: -1 },
      { left: 38 },
      { top: 27 },
      { width: 0 },
      { height: 1.5 },
      { top: Number.NaN },
    ]) {
      await expect(reader.read({ ...window, ...wrong })).rejects.toThrow('tile.tif: the region lies outside')
    }
    await reader.close()
  })

  it('refuses a strip of a negative number of bytes', async () => {
    const bytes = await readFile(fixture('tiff', 'strip.tif'))
    const stripByteCounts = bytes.indexOf(Buffer.from(Uint16Array.of(279, 4, 1, 0).buffer))
    const [signed, length] = [9, -83]
    bytes.writeUInt16LE(signed, stripByteCounts + 2)
    bytes.writeInt32LE(length, stripByteCounts + 8)
    const file = join(scratch, 'negative.tif')
    await writeFile(file, bytes)
    await expect(openRegionReader(file)).rejects.toThrow('received -83 bytes at 272')
  })

  it.each(names)('refuses %s cut short anywhere, or reads what is there', async (name) => {
    const bytes = await readFile(fixture('tiff', name))
    const file = join(scratch, name)
    for (let step = 1; step < 12; step++) {
      await writeFile(file, bytes.subarray(0, Math.floor((bytes.length * step) / 12)))
      const attempt = async () => {
        const reader = await openRegionReader(file)
        try {
          return await reader.read({ left: 0, top: 0, width: reader.width, height: reader.height })
        } finally {
          await reader.close()
        }
      }
      const outcome = await attempt().catch((error: Error) => error.message)
      if (typeof outcome === 'string') expect(outcome).toContain(file)
      else expectSame(outcome, truth('tiff', name.replace('.tif', '.npy')).data, `${name}, ${step} of 12`)
    }
  })

  it('reads from a file of 2.4 GB what a window needs', async () => {
    // a sparse file: one uncompressed strip of 20,000 × 40,000 grey pixels behind the head
    const file = join(scratch, 'large.tif')
    const head = sparseTiff({ width: 20_000, height: 40_000, samples: 3 })
    await writeFile(file, head)
    await truncate(file, head.length + 20_000 * 40_000 * 3)
    const reader = await openRegionReader(file)
    const before = process.memoryUsage().arrayBuffers
    const pixels = await reader.read({ left: 19_000, top: 39_000, width: 512, height: 512 })
    expect(pixels).toHaveLength(512 * 512 * 3)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20)
    await reader.close()
  })
})

/** The head of a TIFF of 8-bit pixels in one strip that begins behind it. */
function sparseTiff({
  width,
  height,
  samples,
}: {
  width: number
  height: number
  samples: number
}): Uint8Array {
  const tags: [tag: number, type: 3 | 4, value: number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 2],
    [273, 4, 8 + 2 + 9 * 12 + 4],
    [277, 3, samples],
    [278, 4, height],
    [279, 4, width * height * samples],
  ]
  const head = new DataView(new ArrayBuffer(8 + 2 + tags.length * 12 + 4))
  head.setUint32(0, 0x2a_49_49, true)
  head.setUint32(4, 8, true)
  head.setUint16(8, tags.length, true)
  for (const [at, [tag, type, value]] of tags.entries()) {
    head.setUint16(10 + at * 12, tag, true)
    head.setUint16(12 + at * 12, type, true)
    head.setUint32(14 + at * 12, 1, true)
    if (type === 3) head.setUint16(18 + at * 12, value, true)
    else head.setUint32(18 + at * 12, value, true)
  }
  return new Uint8Array(head.buffer)
}
