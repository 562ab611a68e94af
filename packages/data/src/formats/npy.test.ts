import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NPY_HEADER_LIMIT, parseNpy, parseNpyHeader, parseNpyText } from './npy.ts'
import { openNpy } from './npy-file.ts'

/** A `.npy` file with a head of our own; `data` is what follows it. */
function npy(dictionary: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${dictionary}\n`)
  const prefix = new Uint8Array(version === 1 ? 10 : 12)
  prefix.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  const view = new DataView(prefix.buffer)
  if (version === 1) view.setUint16(8, text.length, true)
  else view.setUint32(8, text.length, true)
  return Buffer.concat([prefix, text, data])
}

const head = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`
const bytesOf = (array: { readonly buffer: ArrayBufferLike }) => new Uint8Array(array.buffer)

describe('parseNpy', () => {
  it.each<[string, { readonly buffer: ArrayBufferLike }, number[]]>([
    ['|u1', Uint8Array.of(0, 7, 255), [0, 7, 255]],
    ['|b1', Uint8Array.of(0, 1, 1), [0, 1, 1]],
    ['|i1', Int8Array.of(-128, 0, 5), [-128, 0, 5]],
    ['<u2', Uint16Array.of(1, 300, 65535), [1, 300, 65535]],
    ['<i2', Int16Array.of(-3, 300, 2), [-3, 300, 2]],
    ['<u4', Uint32Array.of(1, 4294967295, 3), [1, 4294967295, 3]],
    ['<i4', Int32Array.of(1, -2, 3), [1, -2, 3]],
    ['<i8', BigInt64Array.of(1n, -2n, 9007199254740991n), [1, -2, 9007199254740991]],
    ['<u8', BigUint64Array.of(1n, 2n, 3n), [1, 2, 3]],
    ['<f4', Float32Array.of(0.5, -2, 3), [0.5, -2, 3]],
    ['<f8', Float64Array.of(0.1, -2, 3), [0.1, -2, 3]],
  ])('reads %s', (descr, array, values) => {
    expect([...parseNpy(npy(head(descr, '3,'), bytesOf(array)), 'x.npy').data]).toEqual(values)
  })

  it('reads big-endian numbers', () => {
    const { data } = parseNpy(npy(head('>u2', '2,'), Uint8Array.of(1, 2, 0, 3)), 'x.npy')
    expect([...data]).toEqual([258, 3])
  })

  it('turns Fortran order into C order, of any rank', () => {
    // element (i, j, k) is 100 i + 10 j + k; the first index is fastest in the file
    const file = Uint8Array.from({ length: 24 }, (_, at) => {
      const [i, j, k] = [at % 2, Math.floor(at / 2) % 3, Math.floor(at / 6)]
      return 100 * i + 10 * j + k
    })
    const { shape, data } = parseNpy(npy(head('|u1', '2, 3, 4', 'True'), file), 'x.npy')
    expect(shape).toEqual([2, 3, 4])
    expect([...data.slice(0, 9)]).toEqual([0, 1, 2, 3, 10, 11, 12, 13, 20])
    expect([...data.slice(12, 14)]).toEqual([100, 101])
  })

  it('reads scalars, empty arrays, long integers of Python 2 and versions 2 and 3', () => {
    expect(parseNpy(npy(head('|u1', ''), Uint8Array.of(9)), 'x')).toEqual({
      shape: [],
      data: Uint8Array.of(9),
    })
    expect(parseNpy(npy(head('<f8', '0, 5')), 'x').data).toHaveLength(0)
    expect(parseNpy(npy(head('|u1', '1L, 2L'), Uint8Array.of(1, 2)), 'x').shape).toEqual([1, 2])
    expect(parseNpy(npy(head('|u1', '2,'), Uint8Array.of(1, 2), 2), 'x').data).toHaveLength(2)
    expect(parseNpy(npy(head('|u1', '2,'), Uint8Array.of(1, 2), 3), 'x').data).toHaveLength(2)
  })

  it('gives numbers of their own, not a view of the file', () => {
    const bytes = npy(head('|u1', '2,'), Uint8Array.of(1, 2))
    parseNpy(bytes, 'x').data[0] = 77
    expect(bytes.at(-2)).toBe(1)
  })

  it.each<[string, Uint8Array, string[]]>([
    ['another format', Buffer.from('hello, numpy'), ['x.npy: this is not a .npy file']],
    ['an empty file', new Uint8Array(0), ['not a .npy file']],
    ['an unknown version', npy(head('|u1', '1,'), Uint8Array.of(1), 9), ['expected 1, 2 or 3', 'received 9']],
    [
      'a file cut short',
      npy(head('<f8', '2, 3'), new Uint8Array(47)),
      ['shorter than its head says', 'bytes for [2, 3]'],
    ],
    [
      'a shape that wants petabytes',
      npy(head('|u1', '999999999, 999999999')),
      ['shorter than its head says'],
    ],
    [
      'a shape whose product overflows',
      npy(head('<f8', Array(64).fill('999999999999999').join())),
      ['Infinity'],
    ],
    ['a negative length', npy(head('|u1', '-1,')), ['the shape cannot be read', 'received (-1,)']],
    ['too many axes', npy(head('|u1', '1,'.repeat(65))), ['the shape cannot be read']],
    ['a shape without commas', npy(head('|u1', '1 2')), ['the shape cannot be read']],
    ['no shape', npy("{'descr': '|u1', 'fortran_order': False}"), ['lacks descr, fortran_order or shape']],
    ['no dictionary', npy('descr'), ['not a Python dictionary']],
    ['complex numbers', npy(head('<c16', '1,')), ['received <c16', 'astype(np.float32)']],
    [
      'a record',
      npy("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,)}"),
      ['received a record'],
    ],
    ['text', npy(head('<U1', '1,'), Uint8Array.of(65, 0, 0, 0)), ['holds text where numbers are wanted']],
    [
      'integers that float64 cannot hold',
      npy(head('<i8', '2,'), bytesOf(BigInt64Array.of(1n, 2n ** 60n))),
      ['1152921504606846976', 'element 1'],
    ],
  ])('refuses %s', (_, bytes, messages) => {
    for (const message of messages) expect(() => parseNpy(bytes, 'x.npy')).toThrow(message)
  })

  it('refuses pickled objects and says how to convert them', () => {
    const pickled = npy(head('|O', ''), Buffer.from('\x80\x03cos\nsystem\n'))
    expect(() => parseNpy(pickled, 'x.npy')).toThrow('pickled Python objects, which are never loaded')
    expect(() => parseNpy(pickled, 'x.npy')).toThrow('hint: convert it once, in Python you trust')
  })

  it('refuses a head longer than NumPy writes, whatever the file has', () => {
    const bytes = npy(`${head('|u1', '1,')}${' '.repeat(20_000)}`, Uint8Array.of(1), 2)
    expect(() => parseNpyHeader(bytes, { file: 'x', fileBytes: bytes.length })).toThrow('a head of 2')
    expect(NPY_HEADER_LIMIT).toBeLessThan(20_000)
  })
})

describe('parseNpyText', () => {
  it('reads UTF-32 text, padded with zeros', () => {
    const data = Uint32Array.of(0x42, 0x69, 0, 0x1f600, 0, 0)
    expect(parseNpyText(npy(head('<U3', '2,'), bytesOf(data)), 'x')).toEqual(['Bi', '😀'])
  })

  it('refuses numbers and code points that do not exist', () => {
    expect(() => parseNpyText(npy(head('|u1', '1,'), Uint8Array.of(1)), 'x')).toThrow('holds numbers')
    const beyond = bytesOf(Uint32Array.of(0x110000))
    expect(() => parseNpyText(npy(head('<U1', '1,'), beyond), 'x')).toThrow('not UTF-32')
  })
})

describe('openNpy', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'limbeck-npy-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const write = (name: string, bytes: Uint8Array) => {
    const file = join(directory, name)
    writeFileSync(file, bytes)
    return file
  }

  it('reads one row at a time', async () => {
    const file = write('rows.npy', npy(head('<u2', '3, 2'), bytesOf(Uint16Array.of(1, 2, 3, 4, 500, 6))))
    const rows = await openNpy(file)
    expect(rows.shape).toEqual([3, 2])
    expect(await rows.row(2)).toEqual({ shape: [2], data: Uint16Array.of(500, 6) })
    expect(await rows.row(0)).toEqual({ shape: [2], data: Uint16Array.of(1, 2) })
  })

  it('reads a row of a file of 2.3 GB with the memory of that row', async () => {
    const file = write('large.npy', npy(head('|u1', '11700, 256, 256, 3')))
    truncateSync(file, 11700 * 256 * 256 * 3 + 200)
    const before = process.memoryUsage()
    const rows = await openNpy(file)
    const { data } = await rows.row(11699)
    const after = process.memoryUsage()
    expect(data).toHaveLength(256 * 256 * 3)
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1e6)
    expect(after.rss - before.rss).toBeLessThan(100e6)
  })

  it('names the file that is absent, or was cut after it had been opened', async () => {
    await expect(openNpy(join(directory, 'none.npy'))).rejects.toThrow('none.npy: is missing')
    const file = write('cut.npy', npy(head('|u1', '2, 4'), new Uint8Array(8)))
    const rows = await openNpy(file)
    truncateSync(file, 70)
    await expect(rows.row(1)).rejects.toThrow('cut.npy: ends at byte')
  })

  it('refuses Fortran order, whose rows are scattered, and single numbers', async () => {
    const scattered = write('f.npy', npy(head('|u1', '2, 2', 'True'), new Uint8Array(4)))
    await expect(openNpy(scattered)).rejects.toThrow('np.ascontiguousarray')
    const scalar = write('s.npy', npy(head('|u1', ''), new Uint8Array(1)))
    await expect(openNpy(scalar)).rejects.toThrow('a single number, not rows')
  })
})
