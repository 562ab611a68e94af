import { expect, it } from 'vitest'
import { readNuclsMask } from './nucls-mask.ts'

it('matches no more nuclei and rows than a field of view can have: a damaged file must not cost all memory', () => {
  const width = 3000
  const data = Uint8Array.from({ length: 3 * width }, (_, at) => {
    const pixel = Math.floor(at / 3)
    return [1, pixel >> 8, pixel & 255][at % 3]!
  })
  const everywhere = { left: 0, top: 0, right: width, bottom: 1, outlined: true }
  const read = (rows: number) =>
    readNuclsMask(
      { data, width, height: 1, channels: 3 },
      { labelOf: new Map([[1, 1]]), annotations: new Array(rows).fill(everywhere), where: 'mask.png' },
    )
  expect(new Set(read(10).labels)).toEqual(new Set([1, 255]))
  expect(() => read(3000)).toThrow('mask.png: too many nuclei')
})
