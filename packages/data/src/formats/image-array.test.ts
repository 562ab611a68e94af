import { describe, expect, it } from 'vitest'
import { imageOfArray } from './image-array.ts'

const SHAPE = [1, 2, 3]

describe('imageOfArray', () => {
  it('keeps bytes and 16-bit words', () => {
    const words = Uint16Array.of(0, 1, 2, 3, 4, 65535)
    expect(imageOfArray({ shape: SHAPE, data: words }, 'x')).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      image: words,
    })
    expect(imageOfArray({ shape: SHAPE, data: new Uint8Array(6) }, 'x').image).toBeInstanceOf(Uint8Array)
  })

  it('takes whole numbers within 0..255 for bytes, whatever their type, and fractions within 0..1 as they are', () => {
    const image = (...values: number[]) =>
      imageOfArray({ shape: SHAPE, data: Float64Array.from(values) }, 'x').image
    expect(image(0, 1, 2, 3, 4, 255)).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 255))
    expect(image(0, 0.5, 1, 0.25, 0, 0)).toEqual(Float32Array.of(0, 0.5, 1, 0.25, 0, 0))
    // an empty field on the slide, which the other patches of the file show to be white
    expect(image(1, 1, 1, 1, 1, 1)).toEqual(new Float32Array(6).fill(1))
  })

  it.each([
    ['a value too large', [0, 0, 0, 0, 0, 256]],
    ['a value below zero', [-1, 0, 0, 0, 0, 0]],
    ['a fraction beside a byte', [0.5, 0, 0, 0, 0, 7]],
    ['a value that is no number', [Number.NaN, 0, 0, 0, 0, 0]],
  ])('refuses %s', (_, values) => {
    expect(() => imageOfArray({ shape: SHAPE, data: Float64Array.from(values) }, 'x.npy, patch 3')).toThrow(
      'x.npy, patch 3: a pixel has the value',
    )
  })

  it.each([[[2, 3]], [[1, 2, 4]], [[0, 2, 3]], [[1, 1, 2, 3]]])('refuses the shape %j', (shape) => {
    expect(() => imageOfArray({ shape, data: new Uint8Array(6) }, 'x')).toThrow('is not an image in colour')
  })
})
