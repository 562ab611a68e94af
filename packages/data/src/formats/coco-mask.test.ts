import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../test/fixture.ts'
import { fillCocoPolygon, fillRunLengths, parseRunLengths } from './coco-mask.ts'

interface Case {
  readonly width: number
  readonly height: number
  readonly corners: readonly number[]
  readonly filled: readonly number[]
  readonly packed: string
}

const cases = JSON.parse(readFileSync(fixture('coco-polygons.golden.json'), 'utf8')) as Case[]
const collect = (fill: (paint: (at: number) => void) => void) => {
  const filled: number[] = []
  fill((at) => filled.push(at))
  return filled.sort((a, b) => a - b)
}

describe("COCO's masks", () => {
  it('polygons are filled as pycocotools fills them', () => {
    for (const one of cases) {
      const filled = collect((paint) => fillCocoPolygon(one.corners, one, paint, 'here'))
      expect(filled, JSON.stringify(one)).toEqual(one.filled)
    }
  })

  it('compressed run lengths are what pycocotools packed', () => {
    for (const one of cases) {
      const counts = parseRunLengths(one.packed, 'here')
      expect(collect((paint) => fillRunLengths(counts, one, paint, 'here'))).toEqual(one.filled)
    }
  })

  it.each<[string, () => unknown]>([
    ['run lengths beyond the image', () => fillRunLengths([3, 8], { width: 2, height: 5 }, () => {}, 'here')],
    ['run lengths that end early', () => fillRunLengths([3, 2], { width: 2, height: 5 }, () => {}, 'here')],
    ['a negative run', () => fillRunLengths([-3, 13], { width: 2, height: 5 }, () => {}, 'here')],
    ['half a run', () => fillRunLengths([0.5, 9.5], { width: 2, height: 5 }, () => {}, 'here')],
    ['characters that are none of its alphabet', () => parseRunLengths('a!b', 'here')],
    ['a number that does not end', () => parseRunLengths('oooooooooooo', 'here')],
    [
      'a corner far away',
      () => fillCocoPolygon([0, 0, 1e9, 0, 0, 5], { width: 9, height: 9 }, () => {}, 'here'),
    ],
    [
      'a corner that is no number',
      () => fillCocoPolygon([0, 0, Number.NaN, 0], { width: 9, height: 9 }, () => {}, 'here'),
    ],
  ])('refuses %s', (_, attempt) => {
    expect(attempt).toThrow('here: ')
  })
})
