import type { StripPoolAttrs } from '@limbeck/core'
import { stripGrids } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** One cell of one grid: its corner, its extent, and the strips of the output that its rows and columns fill. */
interface Cell {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
  readonly firstRowStrip: number
  readonly firstColumnStrip: number
}

/** The cells of all grids in the order of the output, and the number of strips L. */
function cellsOf(height: number, width: number, scales: readonly number[]) {
  const { grids, strips } = stripGrids(height, width, scales)
  const cells: Cell[] = []
  let first = 0
  for (const { scale, cellHeight, cellWidth } of grids) {
    for (let i = 0; i < scale; i++) {
      for (let j = 0; j < scale; j++) {
        cells.push({
          top: i * cellHeight,
          left: j * cellWidth,
          height: cellHeight,
          width: cellWidth,
          firstRowStrip: first,
          firstColumnStrip: first + cellHeight,
        })
        first += cellHeight + cellWidth
      }
    }
  }
  return { cells, strips }
}

const stripPool: RefKernel<Inputs<'x'>, StripPoolAttrs> = ({ x }, { scales, square }, backend) => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const { cells, strips } = cellsOf(height, width, scales)
  const from = backend.values(x)
  const { info, values } = backend.allocate([batch, strips, channels], 'float32')
  const sums = new Float64Array(values.length)
  for (let n = 0; n < batch; n++) {
    for (const cell of cells) {
      for (let i = 0; i < cell.height; i++) {
        for (let j = 0; j < cell.width; j++) {
          const at = ((n * height + cell.top + i) * width + cell.left + j) * channels
          const row = (n * strips + cell.firstRowStrip + i) * channels
          const column = (n * strips + cell.firstColumnStrip + j) * channels
          for (let c = 0; c < channels; c++) {
            const value = square ? from[at + c]! * from[at + c]! : from[at + c]!
            sums[row + c]! += value / cell.width
            sums[column + c]! += value / cell.height
          }
        }
      }
    }
  }
  values.set(sums)
  return info
}

const stripPoolGrad: RefKernel<Inputs<'dy' | 'x'>, StripPoolAttrs> = (
  { dy, x },
  { scales, square },
  backend,
) => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const { cells, strips } = cellsOf(height, width, scales)
  const from = backend.values(x)
  const slopes = backend.values(dy)
  const { info, values } = backend.allocate(x.shape, 'float32')
  const sums = new Float64Array(values.length)
  for (let n = 0; n < batch; n++) {
    for (const cell of cells) {
      for (let i = 0; i < cell.height; i++) {
        for (let j = 0; j < cell.width; j++) {
          const at = ((n * height + cell.top + i) * width + cell.left + j) * channels
          const row = (n * strips + cell.firstRowStrip + i) * channels
          const column = (n * strips + cell.firstColumnStrip + j) * channels
          for (let c = 0; c < channels; c++) {
            const slope = slopes[row + c]! / cell.width + slopes[column + c]! / cell.height
            sums[at + c]! += square ? 2 * from[at + c]! * slope : slope
          }
        }
      }
    }
  }
  values.set(sums)
  return info
}

export const stripPoolKernels = {
  SegStripPool: stripPool,
  SegStripPoolGrad: stripPoolGrad,
} satisfies KernelTable
