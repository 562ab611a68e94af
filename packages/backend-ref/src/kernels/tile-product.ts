import type { Values } from '../storage.ts'

/** Rows and columns of the tile whose sums stay in locals. */
export const TILE = 4

/**
 * The one matrix product of this backend: C = A·B, all sums in float64 over the whole depth, one rounding at the
 * store. Convolutions and matmul differ only in where their operands lie:
 *
 *   C[row, column] = Σ_run Σ_k  a[rowStarts[row] + runStartsA[run] + k·stepA]
 *                             · b[⌊column / 4⌋·columnTileStep + column % 4 + runStartsB[run] + k·stepB]
 *
 * so that a convolution reads its patches straight from the padded map, run by run.
 */
export interface Product {
  readonly a: Float64Array
  readonly rowStarts: Int32Array
  /** How many of `rowStarts` are used. */
  readonly rows: number
  readonly runStartsA: Int32Array
  readonly stepA: number
  /** Readable up to three values past the last column. */
  readonly b: Float64Array
  readonly columns: number
  readonly columnTileStep: number
  readonly runStartsB: Int32Array
  readonly stepB: number
  /** Values in each run. */
  readonly runLength: number
}

/**
 * Where C goes: element (row, column) to `values[rowOffsets[row] + column]`. With `accumulate` it is added to what
 * is there, else it replaces it; `bias` is added per column.
 */
export interface ProductTarget {
  readonly values: Values
  readonly rowOffsets: Int32Array
  readonly bias?: Values
  readonly accumulate?: boolean
}

export function multiply(product: Product, target: ProductTarget): void {
  const { rowStarts, rows, columns, columnTileStep } = product
  const tile = new Float64Array(TILE * TILE)
  const last = rows - 1
  for (let column = 0; column < columns; column += TILE) {
    for (let row = 0; row < rows; row += TILE) {
      // rows past the end repeat the last one; what they give is not stored
      const row0 = rowStarts[row]!
      const row1 = rowStarts[Math.min(row + 1, last)]!
      const row2 = rowStarts[Math.min(row + 2, last)]!
      const row3 = rowStarts[Math.min(row + 3, last)]!
      multiplyTile(product, row0, row1, row2, row3, (column / TILE) * columnTileStep, tile)
      storeTile(tile, row, Math.min(TILE, rows - row), column, Math.min(TILE, columns - column), target)
    }
  }
}

/** One tile of C: 16 sums in locals, so that each value loaded is used four times. */
function multiplyTile(
  { a, b, runStartsA, runStartsB, runLength, stepA, stepB }: Product,
  row0: number,
  row1: number,
  row2: number,
  row3: number,
  column: number,
  tile: Float64Array,
): void {
  let c00 = 0
  let c01 = 0
  let c02 = 0
  let c03 = 0
  let c10 = 0
  let c11 = 0
  let c12 = 0
  let c13 = 0
  let c20 = 0
  let c21 = 0
  let c22 = 0
  let c23 = 0
  let c30 = 0
  let c31 = 0
  let c32 = 0
  let c33 = 0
  for (let run = 0; run < runStartsA.length; run++) {
    let i0 = row0 + runStartsA[run]!
    let i1 = row1 + runStartsA[run]!
    let i2 = row2 + runStartsA[run]!
    let i3 = row3 + runStartsA[run]!
    let j = column + runStartsB[run]!
    for (let k = 0; k < runLength; k++) {
      const b0 = b[j]!
      const b1 = b[j + 1]!
      const b2 = b[j + 2]!
      const b3 = b[j + 3]!
      const a0 = a[i0]!
      c00 += a0 * b0
      c01 += a0 * b1
      c02 += a0 * b2
      c03 += a0 * b3
      const a1 = a[i1]!
      c10 += a1 * b0
      c11 += a1 * b1
      c12 += a1 * b2
      c13 += a1 * b3
      const a2 = a[i2]!
      c20 += a2 * b0
      c21 += a2 * b1
      c22 += a2 * b2
      c23 += a2 * b3
      const a3 = a[i3]!
      c30 += a3 * b0
      c31 += a3 * b1
      c32 += a3 * b2
      c33 += a3 * b3
      i0 += stepA
      i1 += stepA
      i2 += stepA
      i3 += stepA
      j += stepB
    }
  }
  tile[0] = c00
  tile[1] = c01
  tile[2] = c02
  tile[3] = c03
  tile[4] = c10
  tile[5] = c11
  tile[6] = c12
  tile[7] = c13
  tile[8] = c20
  tile[9] = c21
  tile[10] = c22
  tile[11] = c23
  tile[12] = c30
  tile[13] = c31
  tile[14] = c32
  tile[15] = c33
}

function storeTile(
  tile: Float64Array,
  row: number,
  rows: number,
  column: number,
  columns: number,
  { values, rowOffsets, bias, accumulate }: ProductTarget,
): void {
  if (bias) {
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) tile[i * TILE + j]! += bias[column + j]!
  }
  for (let i = 0; i < rows; i++) {
    const at = rowOffsets[row + i]! + column
    if (accumulate) for (let j = 0; j < columns; j++) values[at + j]! += tile[i * TILE + j]!
    else for (let j = 0; j < columns; j++) values[at + j] = tile[i * TILE + j]!
  }
}

/** Columns of B packed four by four, value k of column c at `(⌊c/4⌋·depth + k)·4 + c % 4`; see `Product`. */
export function packColumns(
  depth: number,
  columns: number,
  value: (k: number, column: number) => number,
): Pick<Product, 'b' | 'columns' | 'columnTileStep' | 'stepB'> {
  const b = new Float64Array(Math.ceil(columns / TILE) * TILE * depth)
  for (let column = 0; column < columns; column++) {
    let to = (column - (column % TILE)) * depth + (column % TILE)
    for (let k = 0; k < depth; k++, to += TILE) b[to] = value(k, column)
  }
  return { b, columns, columnTileStep: depth * TILE, stepB: TILE }
}

/** B as it lies in memory, `[depth, columns]` with `stepB` values from row to row. */
export function columnsInPlace(
  source: Values,
  columns: number,
  stepB: number,
): Pick<Product, 'b' | 'columns' | 'columnTileStep' | 'stepB'> {
  const b = new Float64Array(source.length + TILE - 1)
  b.set(source)
  return { b, columns, columnTileStep: TILE, stepB }
}
