import type { Stretch } from './tile-axis.ts'

/** Rows of a label map that no later tile changes. */
export interface Band {
  readonly top: number
  readonly height: number
  /** The class with the highest score at each pixel, row by row; among equals the first. */
  readonly labels: Uint8Array
}

/** Where a tile lies: a stretch of the image's height and one of its width. */
export interface TilePlace {
  readonly row: Stretch
  readonly column: Stretch
}

/**
 * Puts the scores of overlapping tiles together and takes the best class of each pixel as soon as its last tile is
 * there. Tiles come row by row, from left to right. Between tiles it keeps what they share with the next ones: the
 * overlap with the tile to the right, and the overlap with the row below over the whole width; the image's height takes
 * no memory.
 */
export class TileBlender {
  readonly #width: number
  readonly #classes: number
  /** Sums of scores that wait for the next tile: [tile height, overlap, classes]. */
  #right = new Float32Array(0)
  /** Sums of scores that wait for the row of tiles below: [overlap, width, classes]. */
  #below = new Float32Array(0)
  #labels = new Uint8Array(0)

  constructor(width: number, classes: number) {
    this.#width = width
    this.#classes = classes
  }

  /** Adds the scores [height, width, classes] of a tile; the finished band after the last tile of a row. */
  add(scores: Float32Array, { row, column }: TilePlace): Band | undefined {
    const height = row.length - row.after
    // what is to the right of this waits for the next tile
    const width = column.length - column.after
    if (column.before === 0) this.#begin(row, height)
    const right = new Float32Array(row.length * column.after * this.#classes)
    const sums = new Float32Array(column.length * this.#classes)
    for (let y = 0; y < row.length; y++) {
      this.#weigh(scores, sums, y, { row, column })
      right.set(sums.subarray(width * this.#classes), y * column.after * this.#classes)
      const done = sums.subarray(0, width * this.#classes)
      const at = y * this.#width + column.start
      if (y < row.before) this.#addAbove(done, at)
      // the sums of the row above were read before these take their place: tiles are at least two overlaps high
      if (y >= height) this.#below.set(done, (at - height * this.#width) * this.#classes)
      else this.#choose(done, at)
    }
    this.#right = right
    return column.after === 0 ? { top: row.start, height, labels: this.#labels } : undefined
  }

  #begin(row: Stretch, height: number): void {
    this.#labels = new Uint8Array(height * this.#width)
    const waiting = row.after * this.#width * this.#classes
    if (this.#below.length < waiting) this.#below = new Float32Array(waiting)
  }

  /** Row `y` of the tile with its weights, and what the tile to the left says of the same pixels. */
  #weigh(scores: Float32Array, sums: Float32Array, y: number, { row, column }: TilePlace): void {
    const classes = this.#classes
    const shared = column.before * classes
    const from = y * column.length * classes
    for (let x = 0, k = 0; x < column.length; x++) {
      const weight = row.weights[y]! * column.weights[x]!
      for (let c = 0; c < classes; c++, k++) sums[k] = weight * scores[from + k]!
    }
    for (let k = 0; k < shared; k++) sums[k] = sums[k]! + this.#right[y * shared + k]!
  }

  #addAbove(sums: Float32Array, at: number): void {
    const from = at * this.#classes
    for (let k = 0; k < sums.length; k++) sums[k] = sums[k]! + this.#below[from + k]!
  }

  #choose(sums: Float32Array, at: number): void {
    const classes = this.#classes
    for (let pixel = 0, from = 0; from < sums.length; pixel++, from += classes) {
      let best = 0
      for (let c = 1; c < classes; c++) if (sums[from + c]! > sums[from + best]!) best = c
      this.#labels[at + pixel] = best
    }
  }
}
