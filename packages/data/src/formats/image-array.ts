import { DataError, formatShape, type Sample } from '@limbeck/core'
import type { Elements } from './element-type.ts'
import type { NumericArray } from './numeric-array.ts'

/** An image out of an array file. */
export type ImageArray = Pick<Sample, 'width' | 'height' | 'channels' | 'image'>

/**
 * An array `[H, W, 3]` of red, green and blue as an image: bytes and 16-bit words as they are, other numbers as bytes
 * when they are whole and within 0..255 (PanNuke keeps bytes as float64), as float32 when they lie within 0..1, where
 * fractions of nothing but 0 and 1 belong: 1 is white there. Throws `DataError` naming `file`.
 */
export function imageOfArray({ shape, data }: NumericArray, file: string): ImageArray {
  const [height = 0, width = 0, channels] = shape
  if (shape.length !== 3 || channels !== 3 || height === 0 || width === 0) {
    throw new DataError('data/shape', `${file}: is not an image in colour`, {
      expected: '[height, width, 3]',
      received: formatShape(shape),
    })
  }
  return { width, height, channels, image: pixelsOf(data, file) }
}

function pixelsOf(data: Elements, file: string): Sample['image'] {
  if (data instanceof Uint8Array || data instanceof Uint16Array) return data
  let whole = true
  let unit = true
  for (const value of data) {
    whole &&= Number.isInteger(value) && value >= 0 && value <= 255
    unit &&= value >= 0 && value <= 1
    if (whole || unit) continue
    throw new DataError('data/range', `${file}: a pixel has the value ${value}`, {
      expected: 'whole numbers within 0..255, or any within 0..1',
      received: String(value),
    })
  }
  const fractions = data instanceof Float32Array || data instanceof Float64Array
  return whole && !(unit && fractions) ? new Uint8Array(data) : new Float32Array(data)
}
