import sharp from 'sharp'

const GAP = 4

export interface Picture {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Rows of pictures as one PNG, each in the middle of its cell. */
export function contactSheet(rows: readonly (readonly Picture[])[]): Promise<Uint8Array> {
  const columns = Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, x) =>
    rows.flatMap((row) => row[x] ?? []),
  )
  const widths = columns.map((column) => Math.max(...column.map(({ width }) => width)))
  const heights = rows.map((row) => Math.max(...row.map(({ height }) => height)))
  const placed = rows.flatMap((row, y) =>
    row.map(({ png, width, height }, x) => ({
      input: Buffer.from(png),
      left: startOf(widths, x) + ((widths[x]! - width) >> 1),
      top: startOf(heights, y) + ((heights[y]! - height) >> 1),
    })),
  )
  const sheet = { width: startOf(widths, widths.length), height: startOf(heights, heights.length) }
  return sharp({ create: { ...sheet, channels: 3, background: { r: 255, g: 255, b: 255 } } })
    .composite(placed)
    .png()
    .toBuffer()
}

/** Where the cell `index` begins, with a gap before each. */
const startOf = (sizes: readonly number[], index: number): number =>
  sizes.slice(0, index).reduce((sum, size) => sum + size + GAP, GAP)
