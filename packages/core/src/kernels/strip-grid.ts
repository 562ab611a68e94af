import { ShapeError } from '../errors.ts'

/** The grid of one scale: `scale`² cells of `cellHeight` rows and `cellWidth` columns; a remainder is left over. */
export interface StripGrid {
  readonly scale: number
  readonly cellHeight: number
  readonly cellWidth: number
}

/** The grids of all scales and the number of strips, L = Σ scale² (rows + columns). Throws `ShapeError`. */
export function stripGrids(
  height: number,
  width: number,
  scales: readonly number[],
): { readonly grids: readonly StripGrid[]; readonly strips: number } {
  const grids = scales.map((scale) => {
    const cellHeight = Math.floor(height / scale)
    const cellWidth = Math.floor(width / scale)
    if (cellHeight === 0 || cellWidth === 0) {
      throw new ShapeError('strip-pool/scale', `SegStripPool: scale ${scale} has more cells than the map`, {
        expected: `at most ${Math.min(height, width)} cells a side for a map of ${height}×${width}`,
        received: String(scale),
      })
    }
    return { scale, cellHeight, cellWidth }
  })
  return {
    grids,
    strips: grids.reduce((sum, grid) => sum + grid.scale ** 2 * (grid.cellHeight + grid.cellWidth), 0),
  }
}
