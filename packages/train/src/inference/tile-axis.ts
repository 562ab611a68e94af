/**
 * How tiles share the pixels that they have in common. `linear`: the outer quarter of an overlap counts for nothing,
 * because the network sees zeros beyond the tile there; over its middle half one tile fades into the other. `cut`: each
 * tile up to the middle of the overlap. `gaussian`: a bell over the tile (nnU-Net), to its very edge.
 */
export type Blend = 'linear' | 'gaussian' | 'cut'

export interface TilingOptions {
  /** Side of a tile in pixels; an image that is no larger is one tile. */
  readonly tile: number
  /** Pixels that neighbouring tiles share, at most half a tile. */
  readonly overlap: number
  readonly blend: Blend
}

/** One of the stretches into which a side of an image is divided. */
export interface Stretch {
  readonly start: number
  readonly length: number
  /** Pixels shared with the stretch before and with the one after; 0 at the ends. */
  readonly before: number
  readonly after: number
  /** How much each pixel counts; over all stretches the weights of a pixel add up to 1. */
  readonly weights: Float64Array
}

/**
 * Divides a side of `length` pixels. Stretches begin at multiples of tile − overlap, and the last one ends with the
 * side: with a tile and an overlap that a network's stride divides, its grids lie in every tile as they do in the whole
 * image. With `cut`, a network whose receptive field is smaller than the overlap therefore says of every pixel what it
 * says of it in the whole image; with `linear` one of at most half the overlap.
 */
export function divideSide(length: number, { tile, overlap, blend }: TilingOptions): Stretch[] {
  const step = tile - overlap
  const count = length <= tile ? 1 : Math.ceil((length - overlap) / step)
  return Array.from({ length: count }, (_, k) => {
    const own = { start: k * step, length: Math.min(tile, length - k * step) }
    const before = k > 0 ? overlap : 0
    const after = k < count - 1 ? overlap : 0
    const weights = new Float64Array(own.length).fill(1)
    for (let i = 0; i < before; i++) {
      weights[i] = shareOfLater(i, { earlier: tile, later: own.length, overlap, blend })
    }
    const next = Math.min(tile, length - (k + 1) * step)
    for (let i = 0; i < after; i++) {
      weights[step + i] = 1 - shareOfLater(i, { earlier: own.length, later: next, overlap, blend })
    }
    return { ...own, before, after, weights }
  })
}

interface Meeting {
  /** Lengths of the two stretches. */
  readonly earlier: number
  readonly later: number
  readonly overlap: number
  readonly blend: Blend
}

/** The weight of the later of two stretches at pixel `i` of their overlap; the earlier one has the rest. */
function shareOfLater(i: number, { earlier, later, overlap, blend }: Meeting): number {
  const middle = i + 0.5
  switch (blend) {
    case 'cut':
      return middle < overlap / 2 ? 0 : 1
    case 'linear':
      return Math.min(1, Math.max(0, (2 * middle) / overlap - 0.5))
    case 'gaussian':
      // both bells get tiny far out, their ratio does not
      return 1 / (1 + Math.exp(bell(middle, later) - bell(earlier - overlap + middle, earlier)))
  }
}

/** Width of the bell of `gaussian`, as a part of the tile; nnU-Net's. */
const BELL_WIDTH = 1 / 8

/** −log of the bell over a stretch. */
const bell = (at: number, length: number): number => ((at - length / 2) / (BELL_WIDTH * length)) ** 2 / 2
