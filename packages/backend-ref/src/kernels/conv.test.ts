import { type ConvAttrs, Random } from '@limbeck/core'
import { type ConvGeometry, convInputShape, convOutputShape, segConvGeometry } from '@limbeck/core/kernels'
import { convolutionCase, fcParameters } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conv, convGradFilter, convGradInput } from './conv.ts'

/** Small integers: every product and sum is exact, so that agreement means equality. */
const integers = (length: number, random: Random): Float32Array =>
  Float32Array.from({ length }, () => random.integer(9) - 4)

/** Visits each product x·w of the convolution and the output it belongs to, straight from the definition. */
function forEachProduct(g: ConvGeometry, visit: (x: number, filter: number, y: number) => void): void {
  const inPerGroup = g.inChannels / g.groups
  const outPerGroup = g.outChannels / g.groups
  for (let n = 0; n < g.batch; n++)
    for (let i = 0; i < g.outHeight; i++)
      for (let j = 0; j < g.outWidth; j++)
        for (let o = 0; o < g.outChannels; o++)
          for (let h = 0; h < g.filterHeight; h++)
            for (let w = 0; w < g.filterWidth; w++)
              for (let c = 0; c < inPerGroup; c++) {
                const row = i * g.strideHeight - g.padTop + h * g.dilationHeight
                const column = j * g.strideWidth - g.padLeft + w * g.dilationWidth
                if (row < 0 || row >= g.inHeight || column < 0 || column >= g.inWidth) continue
                const channel = Math.floor(o / outPerGroup) * inPerGroup + c
                visit(
                  ((n * g.inHeight + row) * g.inWidth + column) * g.inChannels + channel,
                  ((h * g.filterWidth + w) * inPerGroup + c) * g.outChannels + o,
                  ((n * g.outHeight + i) * g.outWidth + j) * g.outChannels + o,
                )
              }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

function expectAgreement(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttrs,
  random: Random,
): void {
  const g = segConvGeometry(inputShape, filterShape, attrs)
  const x = integers(sizeOf(convInputShape(g)), random)
  const filter = integers(sizeOf(filterShape), random)
  const dy = integers(sizeOf(convOutputShape(g)), random)
  const bias = integers(g.outChannels, random)
  const expected = {
    y: Float32Array.from(dy, (_, at) => bias[at % g.outChannels]!),
    dx: new Float32Array(x.length),
    dfilter: new Float32Array(filter.length),
  }
  forEachProduct(g, (atX, atFilter, atY) => {
    expected.y[atY]! += x[atX]! * filter[atFilter]!
    expected.dx[atX]! += dy[atY]! * filter[atFilter]!
    expected.dfilter[atFilter]! += x[atX]! * dy[atY]!
  })
  const actual = {
    y: new Float32Array(dy.length),
    dx: new Float32Array(x.length),
    dfilter: new Float32Array(filter.length),
  }
  conv(g, x, filter, actual.y, bias)
  convGradInput(g, dy, filter, actual.dx)
  convGradFilter(g, x, dy, actual.dfilter)
  // sums of zeros differ in sign only, which toEqual would tell apart
  for (const name of ['y', 'dx', 'dfilter'] as const) {
    expect(
      actual[name].findIndex((value, at) => value !== expected[name][at]!),
      name,
    ).toBe(-1)
  }
}

describe('convolution and its two gradients', () => {
  it('equal their definition for every stride, padding, dilation and grouping', () => {
    fc.assert(
      fc.property(convolutionCase(), fc.integer(), ({ inputShape, filterShape, attrs }, seed) =>
        expectAgreement(inputShape, filterShape, attrs, new Random(seed)),
      ),
      fcParameters({ runs: 150 }),
    )
  })

  const same: ConvAttrs = { strides: [1, 1], pad: [1, 1, 1, 1], dilations: [1, 1], groups: 1 }
  it.each<[string, number[], number[], ConvAttrs]>([
    ['more pixels than a block', [2, 17, 13, 3], [3, 3, 3, 5], same],
    ['columns past the last tile', [1, 6, 7, 5], [3, 3, 5, 9], same],
    ['a filter of one pixel', [2, 9, 8, 7], [1, 1, 7, 6], { ...same, pad: [0, 0, 0, 0] }],
    ['a stride larger than the filter', [1, 11, 10, 2], [2, 1, 2, 6], { ...same, strides: [3, 4] }],
    ['several channels a group', [1, 7, 5, 12], [3, 3, 4, 15], { ...same, groups: 3 }],
    ['two filters a channel', [1, 7, 5, 4], [3, 3, 1, 8], { ...same, groups: 4, strides: [2, 1] }],
    [
      'a window wider than the map',
      [1, 4, 4, 5],
      [3, 3, 5, 5],
      { ...same, dilations: [4, 4], pad: [4, 4, 4, 4] },
    ],
  ])('equal their definition with %s', (_name, inputShape, filterShape, attrs) => {
    expectAgreement(inputShape, filterShape, attrs, new Random(1))
  })

  it('add up in float64 and round once', () => {
    const g = segConvGeometry([1, 1, 1, 3], [1, 1, 3, 1], { ...same, pad: [0, 0, 0, 0] })
    const y = new Float32Array(1)
    conv(g, Float32Array.of(2 ** 24, 1, -(2 ** 24)), Float32Array.of(1, 1, 1), y)
    expect(y[0]).toBe(1)
  })
})
