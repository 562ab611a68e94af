import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../test/fixture.ts'
import { decodeBmp, readBmpHeader } from './bmp.ts'

const file = (name: string) => Buffer.from(readFileSync(fixture('images', name)))

/** A bitmap of 4 bits a pixel, which Pillow does not write: rows from the bottom, padded to four bytes. */
function fourBits(): Buffer {
  const bytes = Buffer.alloc(54 + 3 * 4 + 2 * 4)
  bytes.write('BM')
  bytes.writeUInt32LE(66, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(3, 18)
  bytes.writeInt32LE(2, 22)
  bytes.writeUInt16LE(4, 28)
  bytes.writeUInt32LE(3, 46)
  bytes.set([3, 2, 1, 0, 30, 20, 10, 0, 9, 9, 9, 0], 54)
  bytes.set([0x01, 0x20, 0, 0, 0x22, 0x10, 0, 0], 66)
  return bytes
}

describe('bitmaps', () => {
  it('of 4 bits a pixel are read through their palette, from the bottom up', () => {
    const header = readBmpHeader(fourBits())
    expect([...decodeBmp(fourBits(), header, { colour: true })]).toEqual([
      ...[9, 9, 9, 9, 9, 9, 10, 20, 30],
      ...[1, 2, 3, 10, 20, 30, 9, 9, 9],
    ])
  })

  it('of negative height lie from the top down', () => {
    const bytes = file('rgb-24.bmp')
    const { width, height } = readBmpHeader(bytes)
    const upright = decodeBmp(bytes, readBmpHeader(bytes), { colour: true })
    bytes.writeInt32LE(-height, 22)
    const turned = decodeBmp(bytes, readBmpHeader(bytes), { colour: true })
    expect(turned.subarray(0, width * 3)).toEqual(upright.subarray((height - 1) * width * 3))
  })

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['a file cut short', (bytes) => bytes.subarray(0, -1), 'the bitmap is damaged'],
    ['a header cut short', (bytes) => bytes.subarray(0, 30), 'the header is cut short'],
    ['pixels that no memory holds', (bytes) => patched(bytes, 18, 0x7fffffff), 'the bitmap is damaged'],
    ['a width of nothing', (bytes) => patched(bytes, 18, 0), 'the bitmap is damaged'],
    [
      'a palette larger than its indexes',
      (bytes) => patched(bytes, 46, 1e9),
      'a palette of 1000000000 colours',
    ],
    ['an index beyond the palette', (bytes) => patched(bytes, 66, 0xffffffff), 'colour 15 of a palette of 3'],
    ['run-length coding', (bytes) => patched(bytes, 30, 2), 'compression 2'],
    ['an older header', (bytes) => patched(bytes, 14, 12), 'a header of 12 bytes'],
  ])('refuse %s', (_, spoil, message) => {
    const bytes = spoil(fourBits())
    expect(() => decodeBmp(bytes, readBmpHeader(bytes), { colour: true })).toThrow(message)
  })
})

function patched(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt32LE(value, at)
  return bytes
}
