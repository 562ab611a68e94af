import type { Values } from '../storage.ts'

/** Rows and columns of the tile whose sums stay in registers. */
export const TILE = 4

/** Number of panels of `TILE` lines that hold `count` lines. */
export const panelCount = (count: number): number => Math.ceil(count / TILE)

/**
 * Where a product goes: element (row, column) to `values[rowOffsets[row] + column]`.
 *
 * With `accumulate` it is added to what is there, else it replaces it; `bias` is added per column.
 */
export interface ProductTarget {
  readonly values: Values
  readonly rowOffsets: Int32Array
  readonly rows: number
  readonly columns: number
  readonly bias?: ArrayLike<number>
  readonly accumulate?: boolean
}

/**
 * The one matrix product of this backend: C = A·B, all sums in float64 over the whole depth, one rounding at the
 * store. Convolutions and matmul pack their operands into panels and differ in nothing else.
 *
 * A panel holds `TILE` lines (rows of A, columns of B) interleaved: value k of line i at `k * TILE + i`; panels
 * follow one another, `depth * TILE` values each, lines past the end filled with anything finite.
 */
export function multiplyPanels(a: Float64Array, b: Float64Array, depth: number, target: ProductTarget): void {
  const tile = new Float64Array(TILE * TILE)
  for (let column = 0; column < target.columns; column += TILE) {
    for (let row = 0; row < target.rows; row += TILE) {
      multiplyTile(a, row * depth, b, column * depth, depth, tile)
      storeTile(tile, row, column, target)
    }
  }
}

/** One tile of C: 16 sums in locals, which V8 keeps in registers, so that each value loaded is used four times. */
function multiplyTile(
  a: Float64Array,
  startA: number,
  b: Float64Array,
  startB: number,
  depth: number,
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
  let i = startA
  let j = startB
  for (const end = startA + depth * TILE; i < end; i += TILE, j += TILE) {
    const b0 = b[j]!
    const b1 = b[j + 1]!
    const b2 = b[j + 2]!
    const b3 = b[j + 3]!
    const a0 = a[i]!
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    const a1 = a[i + 1]!
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    const a2 = a[i + 2]!
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    const a3 = a[i + 3]!
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
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

function storeTile(tile: Float64Array, row: number, column: number, target: ProductTarget): void {
  const { values, rowOffsets, bias, accumulate } = target
  const rows = Math.min(TILE, target.rows - row)
  const columns = Math.min(TILE, target.columns - column)
  for (let i = 0; i < rows; i++) {
    const at = rowOffsets[row + i]! + column
    for (let j = 0; j < columns; j++) {
      const sum = tile[i * TILE + j]! + (bias ? bias[column + j]! : 0)
      values[at + j] = accumulate ? values[at + j]! + sum : sum
    }
  }
}
