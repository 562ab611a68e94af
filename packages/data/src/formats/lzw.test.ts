import { describe, expect, it } from 'vitest'
import { decodeLzw } from './lzw.ts'

/** Codes of nine bits, the most significant first. */
function packed(...codes: readonly number[]): Uint8Array {
  const bits = codes.map((code) => code.toString(2).padStart(9, '0')).join('')
  return Uint8Array.from(bits.match(/.{1,8}/g)!, (byte) => Number.parseInt(byte.padEnd(8, '0'), 2))
}
const CLEAR = 256
const END = 257

describe('decodeLzw', () => {
  it('repeats runs, also the one that is just being made', () => {
    // 7, then 258 = "7 7" before it is complete, then 259 = "7 7 7"
    expect([...decodeLzw(packed(CLEAR, 7, 258, 259, END), 6)]).toEqual([7, 7, 7, 7, 7, 7])
  })

  it('gives as many bytes as are asked for, whatever follows', () => {
    expect([...decodeLzw(packed(CLEAR, 1, 2, 3, END), 2)]).toEqual([1, 2])
    expect([...decodeLzw(packed(CLEAR, 7, 258, 259, END), 4)]).toEqual([7, 7, 7, 7])
  })

  it.each([
    ['a stream that ends early', packed(CLEAR, 1, 2), 'the stream ends early'],
    ['an end before the last byte', packed(CLEAR, 1, END), 'the stream ends early'],
    ['a code that is not made yet', packed(CLEAR, 1, 300), 'code 300 is not in the table'],
    ['a run before there is any', packed(CLEAR, 258), 'code 258 is not in the table'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeLzw(bytes, 9)).toThrow(message)
  })
})
