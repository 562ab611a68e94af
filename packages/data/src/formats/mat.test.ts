import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parseMat, requireArray } from './mat.ts'
import { inflateElement } from './mat-element.ts'

const DOUBLE = 6
const UINT8 = 9

/** A data element: tag, bytes, padding. */
function element(type: number, bytes: Uint8Array, length = bytes.length): Buffer {
  const tag = Buffer.alloc(8)
  tag.writeUInt32LE(type, 0)
  tag.writeUInt32LE(length, 4)
  return Buffer.concat([tag, bytes, Buffer.alloc(type === 15 ? 0 : (8 - (bytes.length % 8)) % 8)])
}
const int32 = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer)
const flags = (arrayClass: number) => element(6, int32(arrayClass, 0))

const variable = (
  name: string,
  { arrayClass = UINT8, shape = [2, 3], type = 2, data = Uint8Array.of(1, 4, 2, 5, 3, 6) } = {},
) =>
  element(
    14,
    Buffer.concat([
      flags(arrayClass),
      element(5, int32(...shape)),
      element(1, Buffer.from(name)),
      element(type, data),
    ]),
  )

function mat(...elements: Uint8Array[]): Buffer {
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file')
  header.writeUInt16LE(0x0100, 124)
  header.write('IM', 126)
  return Buffer.concat([header, ...elements])
}

describe('parseMat', () => {
  it('reads arrays into row-major order', () => {
    const array = requireArray(parseMat(mat(variable('m')), 'x.mat'), 'm', 'x.mat')
    expect(array.shape).toEqual([2, 3])
    expect([...array.data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('keeps the type that numbers are stored in', () => {
    const array = requireArray(parseMat(mat(variable('m', { arrayClass: DOUBLE })), 'x'), 'm', 'x')
    expect(array.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
  })

  it('reads compressed variables and those after them', () => {
    const packed = element(15, deflateSync(variable('packed')))
    const variables = parseMat(mat(packed, variable('plain')), 'x')
    expect([...variables.keys()]).toEqual(['packed', 'plain'])
  })

  it('names the kind of what it does not read', () => {
    const variables = parseMat(
      mat(variable('c', { arrayClass: 1 }), variable('z', { arrayClass: 0x0806 })),
      'x',
    )
    expect([...variables]).toEqual([
      ['c', 'cell array'],
      ['z', 'complex array'],
    ])
    expect(() => requireArray(variables, 'c', 'x.mat')).toThrow('received cell array')
    expect(() => requireArray(variables, 'inst_map', 'x.mat')).toThrow(
      'received c cell array, z complex array',
    )
  })

  it.each<[string, Uint8Array, string[]]>([
    ['another format', Buffer.alloc(200), ['x.mat: this is not a MATLAB 5 file']],
    ['an empty file', new Uint8Array(0), ['not a MATLAB 5 file']],
    [
      'a variable cut short',
      mat(variable('m')).subarray(0, -8),
      ['goes beyond the end', 'is the file complete?'],
    ],
    ['a tag cut short', mat(Uint8Array.of(1, 2, 3)), ['ends within a tag']],
    ['a length beyond the end', mat(element(14, new Uint8Array(8), 0xfffffff0)), ['goes beyond the end']],
    [
      'dimensions that want more numbers',
      mat(variable('m', { shape: [2, 4] })),
      ['variable "m"', 'expected 8 bytes for [2, 4] of uint8', 'received 6 bytes'],
    ],
    [
      'dimensions that overflow',
      mat(variable('m', { shape: Array(32).fill(2 ** 31 - 1) })),
      ['received 6 bytes'],
    ],
    ['negative dimensions', mat(variable('m', { shape: [-2, -3] })), ['dimensions that make no sense']],
    ['one dimension', mat(variable('m', { shape: [6] })), ['dimensions that make no sense']],
    ['numbers of an unknown type', mat(variable('m', { type: 77 })), ['received type 77']],
    ['damaged compression', mat(element(15, Buffer.from('nonsense'))), ['compressed data are damaged']],
    ['a variable of nothing', mat(element(14, new Uint8Array(0))), ['a variable without flags']],
    ['a compressed nothing', mat(element(15, deflateSync(new Uint8Array(0)))), ['holds nothing']],
  ])('refuses %s', (_, bytes, messages) => {
    for (const message of messages) expect(() => parseMat(bytes, 'x.mat')).toThrow(message)
  })

  it('refuses version 7.3 and says how to save it', () => {
    const header = Buffer.alloc(1024)
    header.write('MATLAB 7.3 MAT-file')
    expect(() => parseMat(header, 'x.mat')).toThrow('save(file, "-v7")')
    expect(() => parseMat(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'x.mat')).toThrow('version 7.3')
  })

  it('inflates no more than it is told to', () => {
    const bomb = { type: 15, bytes: deflateSync(new Uint8Array(5000)), bigEndian: false, file: 'x.mat' }
    expect(() => inflateElement(bomb, 4000)).toThrow('inflates to more than is read')
  })

  it('reads big-endian files', () => {
    const bytes = mat(
      element(14, Buffer.concat([flags(7), element(5, int32(1, 2)), element(1, Buffer.from('name4567'))])),
    )
    const data = Buffer.concat([element(7, Buffer.from(Float32Array.of(0.5, 3).buffer))])
    const swapped = swapWords(Buffer.concat([bytes, data]), { from: 128, keep: 'name4567' })
    swapped.write('MI', 126)
    swapped.writeUInt32BE(bytes.length - 136 + data.length, 132)
    expect(requireArray(parseMat(swapped, 'x'), 'name4567', 'x').data).toEqual(Float32Array.of(0.5, 3))
  })
})

/** The same file on a machine of the other byte order; text stays. */
function swapWords(bytes: Buffer, { from, keep }: { readonly from: number; readonly keep: string }): Buffer {
  const swapped = Buffer.concat([bytes.subarray(0, from), Buffer.from(bytes.subarray(from)).swap32()])
  bytes.copy(swapped, bytes.indexOf(keep), bytes.indexOf(keep), bytes.indexOf(keep) + keep.length)
  return swapped
}
