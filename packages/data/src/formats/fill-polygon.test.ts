import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fixture } from '../../test/fixture.ts'
import { fillPolygon, type Polygon } from './fill-polygon.ts'

interface Case extends Polygon {
  readonly width: number
  readonly height: number
  readonly filled: readonly number[]
}

const fill = (polygon: Polygon, size: { width: number; height: number }) => {
  const filled: number[] = []
  fillPolygon(polygon, size, (at) => filled.push(at))
  return filled
}

describe('fillPolygon', () => {
  it("fills what scikit-image's draw.polygon fills, pixel for pixel", () => {
    const cases = JSON.parse(readFileSync(fixture('polygons.golden.json'), 'utf8')) as Case[]
    expect(cases.length).toBeGreaterThan(100)
    for (const one of cases) expect(fill(one, one), JSON.stringify(one)).toEqual(one.filled)
  })

  it('holds edges and corners on pixel centres', () => {
    const square = { xs: [1, 3, 3, 1], ys: [1, 1, 3, 3] }
    expect(fill(square, { width: 5, height: 5 })).toEqual([6, 7, 8, 11, 12, 13, 16, 17, 18])
  })

  it('paints nothing for a polygon beside the image or without corners', () => {
    expect(fill({ xs: [9, 12, 9], ys: [1, 1, 3] }, { width: 5, height: 5 })).toEqual([])
    expect(fill({ xs: [], ys: [] }, { width: 5, height: 5 })).toEqual([])
  })

  it('takes many corners on many rows without multiplying them by pixels', () => {
    const xs = Array.from({ length: 20_000 }, (_, i) => (i * 617) % 1000)
    const ys = Array.from({ length: 20_000 }, (_, i) => (i * 89) % 300)
    expect(fill({ xs, ys }, { width: 1000, height: 300 }).length).toBeGreaterThan(100_000)
  })
})
