import { type MapSize, squaredDistances } from '../distance-map.ts'

export interface SplitOptions {
  /**
   * How much deeper than the neck between them two parts must be to count as two objects, in pixels. Depth is the
   * distance to the nearest pixel outside: a neck of half-width 4 between discs of radius 6 is 2 less deep.
   */
  readonly depth: number
  /** Objects with fewer pixels are dropped. */
  readonly minArea: number
}

/**
 * Divides a mask (non-zero = inside) into objects where it has necks: a watershed on the exact distance to the
 * outside. Returns ids 1..n in the order in which objects begin, 0 outside; int32, as long as the mask.
 *
 * Pixels are taken from the deepest to the shallowest. One without a taken neighbour (of 8) begins a basin; one
 * between basins is where they meet, and a basin whose peak is less than `depth` above the meeting place joins the
 * other one. That is the watershed of the map whose maxima of less dynamics than `depth` are filled (Grimaud, 1992),
 * in one pass. Squared distances are integers, so that a counting sort orders the pixels; with union-find the time is
 * linear in the pixels for all practical purposes.
 */
export function splitTouching(mask: Uint8Array, size: MapSize, { depth, minArea }: SplitOptions): Int32Array {
  const outside = mask.map((inside) => (inside ? 0 : 1))
  const squared = squaredDistances(outside, size)
  const basins = new Basins()
  const basinOf = new Int32Array(mask.length)
  const taken = new Int32Array(8)
  for (const pixel of deepestFirst(squared, size)) {
    const count = takenNeighbours(pixel, basinOf, size, taken)
    const level = Math.sqrt(squared[pixel]!)
    if (count === 0) {
      basinOf[pixel] = basins.begin(level)
      continue
    }
    let steepest = taken[0]!
    for (let k = 1; k < count; k++) if (squared[taken[k]!]! > squared[steepest]!) steepest = taken[k]!
    let own = basins.find(basinOf[steepest]!)
    for (let k = 0; k < count; k++) own = basins.meet(own, basins.find(basinOf[taken[k]!]!), level, depth)
    basinOf[pixel] = own
  }
  return numbered(basinOf, basins, minArea)
}

/** Pixels inside, by distance from the outside. Without any outside all are equally deep. */
function deepestFirst(squared: Float64Array, { width, height }: MapSize): Uint32Array {
  const unreached = width * width + height * height
  const levelOf = (pixel: number): number => Math.min(squared[pixel]!, unreached)
  let levels = 0
  for (let pixel = 0; pixel < squared.length; pixel++) levels = Math.max(levels, levelOf(pixel))
  const starts = new Uint32Array(levels + 1)
  for (let pixel = 0; pixel < squared.length; pixel++) starts[levelOf(pixel)]!++
  // from counts to the place of each level's first pixel, the deepest level first; level 0 is the outside
  let inside = 0
  for (let level = levels; level > 0; level--) {
    const count = starts[level]!
    starts[level] = inside
    inside += count
  }
  const order = new Uint32Array(inside)
  for (let pixel = 0; pixel < squared.length; pixel++) {
    if (squared[pixel]! > 0) order[starts[levelOf(pixel)]!++] = pixel
  }
  return order
}

/** Writes the neighbours of a pixel that lie in a basin to `taken`; how many there are. */
function takenNeighbours(
  pixel: number,
  basinOf: Int32Array,
  { width, height }: MapSize,
  taken: Int32Array,
): number {
  const column = pixel % width
  const row = (pixel - column) / width
  let count = 0
  for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
      const neighbour = y * width + x
      if (basinOf[neighbour]! > 0) taken[count++] = neighbour
    }
  }
  return count
}

/** Basins with the depths of their peaks; those that joined have one root. */
class Basins {
  readonly #parents = [0]
  readonly #peaks = [0]

  /** With the outside, which is basin 0. */
  get count(): number {
    return this.#parents.length
  }

  begin(peak: number): number {
    this.#peaks.push(peak)
    return this.#parents.push(this.#parents.length) - 1
  }

  find(basin: number): number {
    let root = basin
    while (this.#parents[root] !== root) root = this.#parents[root]!
    for (let at = basin; at !== root; ) {
      const next = this.#parents[at]!
      this.#parents[at] = root
      at = next
    }
    return root
  }

  /** Two roots meet at a level: `own` as it is, or, when one of them is shallow, the root of both. */
  meet(own: number, other: number, level: number, depth: number): number {
    if (own === other) return own
    const [high, low] = this.#peaks[own]! >= this.#peaks[other]! ? [own, other] : [other, own]
    if (this.#peaks[low]! - level >= depth) return own
    this.#parents[low] = high
    return high
  }
}

/** From basins to ids without gaps; basins that are too small are outside. */
function numbered(basinOf: Int32Array, basins: Basins, minArea: number): Int32Array {
  const roots = basinOf.map((basin) => basins.find(basin))
  const areas = new Uint32Array(basins.count)
  for (let pixel = 0; pixel < roots.length; pixel++) areas[roots[pixel]!]!++
  const ids = new Int32Array(basins.count)
  let last = 0
  for (let pixel = 0; pixel < roots.length; pixel++) {
    const root = roots[pixel]!
    if (root > 0 && ids[root] === 0 && areas[root]! >= minArea) ids[root] = ++last
  }
  return roots.map((root) => ids[root]!)
}
