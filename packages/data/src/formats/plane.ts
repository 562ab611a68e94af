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
  const [height = 0, width = 0] = shape.slice(-2)
  const flat = shape.length >= 2 && shape.slice(0, -2).every((length) => length === 1)
  if (flat && width > 0 && height > 0) return { width, height, data }
  throw new DataError('data/shape', `${file}: is not a map of pixels`, {
    expected: '[height, width]',
    received: formatShape(shape),
  })
}

/** Channel `channel` of an array `[H, W, C]` as a plane. */
export function channelOf(array: NumericArray, channel: number): Plane {
  const { shape, data } = channelsOf(array, channel, 1)
  return { height: shape[0]!, width: shape[1]!, data }
}

/** `count` channels of an array `[H, W, C]`, from `first` on. */
export function channelsOf({ shape, data }: NumericArray, first: number, count: number): NumericArray {
  const [height = 0, width = 0, channels = 0] = shape
  const chosen = data.slice(0, height * width * count)
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let c = 0; c < count; c++) chosen[pixel * count + c] = data[pixel * channels + first + c]!
  }
  return { shape: [height, width, count], data: chosen }
}
