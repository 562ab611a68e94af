import { FormatError } from '@limbeck/core'

const CLEAR = 256
const END = 257
const TABLE_SIZE = 4096

/**
 * Decompresses TIFF's LZW (TIFF 6.0, section 13: most significant bit first, codes grow one entry early). The result
 * has exactly `length` bytes; what a stream holds beyond them is left, a stream that ends before is an error.
 */
export function decodeLzw(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  // entry = a run of the output already written: where it starts and how long it is
  const starts = new Uint32Array(TABLE_SIZE)
  const lengths = new Uint32Array(TABLE_SIZE)
  let next = END + 1
  let width = 9
  let bits = 0
  let held = 0
  let read = 0
  let written = 0
  let previous = -1
  let previousStart = 0
  while (written < length) {
    while (held < width) {
      if (read === input.length) throw damaged('the stream ends early')
      bits = ((bits << 8) | input[read++]!) & 0xffffff
      held += 8
    }
    const code = (bits >>> (held - width)) & ((1 << width) - 1)
    held -= width
    if (code === END) throw damaged('the stream ends early')
    if (code === CLEAR) {
      next = END + 1
      width = 9
      previous = -1
      continue
    }
    const start = written
    if (code < CLEAR) output[written++] = code
    else if (code > END && code <= next && (code < next || previous >= 0)) {
      // the entry being made just now is the previous run and its own first byte
      const from = code < next ? starts[code]! : previousStart
      const count = Math.min(code < next ? lengths[code]! : start - previousStart + 1, length - written)
      for (let i = 0; i < count; i++) output[written++] = output[from + i]!
    } else throw damaged(`code ${code} is not in the table`)
    if (previous >= 0 && next < TABLE_SIZE) {
      starts[next] = previousStart
      lengths[next] = start - previousStart + 1
      next++
      if (next >= (1 << width) - 1 && width < 12) width++
    }
    previous = code
    previousStart = start
  }
  return output
}

const damaged = (received: string) => new FormatError('lzw/damaged', 'LZW data are damaged', { received })
