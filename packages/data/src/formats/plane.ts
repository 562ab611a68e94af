import { DataError, formatShape } from '@limbeck/core'
import type { Elements } from './element-type.ts'
import type { NumericArray } from './numeric-array.ts'

/** Numbers of one channel of an image, row by row. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Elements
}

/** An array `[H, W]`, or one with axes of length one before them, as a plane. Throws `DataError` naming `file`. */
export function planeOf({ shape, data }: NumericArray, file: string): Plane {
  const [height, width] = shape.slice(-2)
  const flat = shape.length >= 2 && shape.slice(0, -2).every((length) => length === 1)
  if (flat && width! > 0 && height! > 0) return { width: width!, height: height!, data }
  throw new DataError('data/shape', `${file}: is not a map of pixels`, {
    expected: '[height, width]',
    received: formatShape(shape),
  })
}

/** Channel `channel` of an array `[H, W, C]`. */
export function channelOf({ shape, data }: NumericArray, channel: number): Plane {
  const [height = 0, width = 0, channels = 0] = shape
  const plane = data.slice(0, height * width)
  for (let at = 0; at < plane.length; at++) plane[at] = data[at * channels + channel]!
  return { width, height, data: plane }
}
