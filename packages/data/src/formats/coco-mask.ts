import { FormatError } from '@limbeck/core'

interface Size {
  readonly width: number
  readonly height: number
}

/** Corners are counted in fifths of a pixel. */
const SCALE = 5
/**
 * Corners may lie beyond the image, but an outline that is longer than one round every pixel and some way about the
 * whole, in grid points, is no outline of an object.
 */
const longestOutline = ({ width, height }: Size): number =>
  Math.min(2 ** 24, SCALE * (4 * width * height + 32 * (width + height)))

/**
 * Calls `paint` with the index (`row * width + column`) of every pixel of a COCO polygon (`[x0, y0, x1, y1, …]`), as
 * pycocotools' `frPyObjects` fills it: an outline on a grid of fifths of a pixel, inside by parity down each column.
 * Corners that repeat are one. Throws `FormatError` that begins with `where` for corners far away.
 */
export function fillCocoPolygon(
  corners: readonly number[],
  image: Size,
  paint: (index: number) => void,
  where: string,
): void {
  const { width, height } = image
  const points = gridPoints(corners, longestOutline(image), where)
  const lowest = points.reduce((low, [x]) => Math.min(low, x), Number.POSITIVE_INFINITY)
  const highest = points.reduce((high, [x]) => Math.max(high, x), Number.NEGATIVE_INFINITY)
  const left = clamp(Math.floor(lowest / SCALE), 0, width)
  const right = clamp(Math.ceil(highest / SCALE), left, width)
  // Crossings turn the parity over from their pixel on, in column order; the parity is even again where a column of
  // an outline ends. A turn below the last row goes to the next column, as in pycocotools.
  const turns = new Uint8Array((right - left) * height + 1)
  let previous: readonly [number, number] | undefined
  for (const point of outline(points)) {
    if (previous && previous[0] !== point[0]) {
      const crossed = point[0] < previous[0] ? point[0] : point[0] - 1
      const x = (crossed + 0.5) / SCALE - 0.5
      if (Number.isInteger(x) && x >= left && x < right) {
        const y = (Math.min(previous[1], point[1]) + 0.5) / SCALE - 0.5
        turns[(x - left) * height + Math.ceil(clamp(y, 0, height))]! ^= 1
      }
    }
    previous = point
  }
  let inside = 0
  for (let x = left, at = 0; x < right; x++) {
    for (let y = 0; y < height; y++) {
      inside ^= turns[at++]!
      if (inside) paint(y * width + x)
    }
  }
}

/** Calls `paint` for the pixels of COCO's run lengths, which go down the columns, off first; see `fillCocoPolygon`. */
export function fillRunLengths(
  counts: readonly number[],
  { width, height }: Size,
  paint: (index: number) => void,
  where: string,
): void {
  let at = 0
  for (const [index, count] of counts.entries()) {
    if (!Number.isInteger(count) || count < 0 || at + count > width * height) {
      throw runsThatDoNotFit(where, { expected: width * height, received: `${count} after ${at}` })
    }
    if (index % 2 === 1) {
      for (let i = at; i < at + count; i++) paint((i % height) * width + Math.floor(i / height))
    }
    at += count
  }
  if (at !== width * height) throw runsThatDoNotFit(where, { expected: width * height, received: `${at}` })
}

/**
 * The numbers in COCO's compressed run lengths: five bits a character from `0` on, the sixth says that more follow, and
 * from the fourth number on each is the difference to the one before the last.
 */
export function parseRunLengths(text: string, where: string): number[] {
  const counts: number[] = []
  let at = 0
  while (at < text.length) {
    let value = 0
    let factor = 1
    let code: number
    do {
      code = text.charCodeAt(at++) - 48
      if (!(code >= 0 && code < 64) || factor > 2 ** 40) {
        throw new FormatError('coco/run-lengths', `${where}: the compressed run lengths are damaged`, {
          received: `character ${at} of ${text.length}`,
        })
      }
      value += (code & 0x1f) * factor
      factor *= 32
    } while (code & 0x20)
    if (code & 0x10) value -= factor
    counts.push(counts.length > 2 ? value + counts.at(-2)! : value)
  }
  return counts
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

const runsThatDoNotFit = (where: string, { expected, received }: { expected: number; received: string }) =>
  new FormatError('coco/run-lengths', `${where}: the run lengths do not fit the image`, {
    expected: `${expected} pixels in all`,
    received,
  })

function gridPoints(corners: readonly number[], longest: number, where: string): [number, number][] {
  const points: [number, number][] = []
  let length = 0
  for (let i = 0; i + 1 < corners.length; i += 2) {
    const x = corners[i]!
    const y = corners[i + 1]!
    const point: [number, number] = [Math.trunc(SCALE * x + 0.5), Math.trunc(SCALE * y + 0.5)]
    const last = points.at(-1) ?? point
    length += Math.max(Math.abs(point[0] - last[0]), Math.abs(point[1] - last[1]))
    if (!(length <= longest)) {
      throw new FormatError('coco/polygon', `${where}: a polygon has a corner far outside its image`, {
        received: `${x}, ${y}`,
      })
    }
    if (points.length === 0 || last[0] !== point[0] || last[1] !== point[1]) points.push(point)
  }
  return points
}

/** Every grid point along the closed outline, corner after corner. */
function* outline(points: readonly (readonly [number, number])[]): Generator<readonly [number, number]> {
  for (const [i, start] of points.entries()) {
    const end = points[(i + 1) % points.length]!
    const dx = Math.abs(end[0] - start[0])
    const dy = Math.abs(end[1] - start[1])
    const steps = Math.max(dx, dy)
    // lines are drawn from the lesser end, whichever way round they are walked: it decides the rounding
    const flat = dx >= dy
    const flipped = flat ? start[0] > end[0] : start[1] > end[1]
    const [from, to] = flipped ? [end, start] : [start, end]
    const slope = steps === 0 ? 0 : flat ? (to[1] - from[1]) / dx : (to[0] - from[0]) / dy
    for (let step = 0; step <= steps; step++) {
      const t = flipped ? steps - step : step
      yield flat
        ? [from[0] + t, Math.trunc(from[1] + slope * t + 0.5)]
        : [Math.trunc(from[0] + slope * t + 0.5), from[1] + t]
    }
  }
}
