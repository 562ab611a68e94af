export interface MapSize {
  readonly width: number
  readonly height: number
}

/** Length of a pixel along rows and along columns, in any unit; distances come in the same unit. */
export interface Spacing {
  readonly x: number
  readonly y: number
}

export const UNIT_SPACING: Spacing = { x: 1, y: 1 }

/**
 * Squared Euclidean distance of each pixel to the nearest site (non-zero in `sites`), exact, in time linear in the
 * pixels; `Infinity` everywhere when there is no site. With unit spacing the values are integers.
 *
 * Felzenszwalb & Huttenlocher, "Distance Transforms of Sampled Functions" (2012): nearest site within each row first,
 * then, down each column, the lower envelope of the parabolas that stand on those distances.
 */
export function squaredDistances(
  sites: Uint8Array,
  { width, height }: MapSize,
  { x: dx, y: dy }: Spacing = UNIT_SPACING,
): Float64Array {
  const squared = new Float64Array(width * height)
  for (let row = 0; row < height; row++) alongRow(sites, squared, row * width, width, dx)
  const column = new Envelope(height, dy * dy)
  for (let x = 0; x < width; x++) column.replace(squared, x, width)
  return squared
}

/** Squared distance to the nearest site of the same row. */
function alongRow(sites: Uint8Array, squared: Float64Array, start: number, width: number, dx: number): void {
  let steps = Infinity
  for (let x = 0; x < width; x++) {
    steps = sites[start + x] ? 0 : steps + 1
    squared[start + x] = steps
  }
  steps = Infinity
  for (let x = width - 1; x >= 0; x--) {
    steps = Math.min(squared[start + x]!, steps + 1)
    squared[start + x] = (steps * dx) ** 2
  }
}

/** The lower envelope of parabolas `height(at) + scale · (i − at)²`, one for each place of a line. */
class Envelope {
  readonly #length: number
  readonly #scale: number
  readonly #heights: Float64Array
  /** Where the parabolas of the envelope stand, and from where on each of them is the lowest. */
  readonly #feet: Int32Array
  readonly #from: Float64Array

  constructor(length: number, scale: number) {
    this.#length = length
    this.#scale = scale
    this.#heights = new Float64Array(length)
    this.#feet = new Int32Array(length)
    this.#from = new Float64Array(length)
  }

  /** Replaces the values at `start`, `start + stride`, … by the envelope of the parabolas on them. */
  replace(values: Float64Array, start: number, stride: number): void {
    const heights = this.#heights
    for (let i = 0; i < this.#length; i++) heights[i] = values[start + i * stride]!
    const last = this.#build()
    if (last < 0) return
    for (let i = 0, k = 0; i < this.#length; i++) {
      while (k < last && this.#from[k + 1]! < i) k++
      const foot = this.#feet[k]!
      values[start + i * stride] = heights[foot]! + this.#scale * (i - foot) ** 2
    }
  }

  /** Index of the envelope's last parabola; −1 when no height is finite. */
  #build(): number {
    let last = -1
    for (let i = 0; i < this.#length; i++) {
      if (this.#heights[i] === Infinity) continue
      let from = -Infinity
      while (last >= 0) {
        from = this.#crossing(this.#feet[last]!, i)
        if (from > this.#from[last]!) break
        last--
      }
      last++
      this.#feet[last] = i
      this.#from[last] = last === 0 ? -Infinity : from
    }
    return last
  }

  /** Where the parabola on `b` gets below the one on `a`. */
  #crossing(a: number, b: number): number {
    const rise = (this.#heights[b]! - this.#heights[a]!) / this.#scale
    return (rise + b * b - a * a) / (2 * (b - a))
  }
}
