import sharp from 'sharp'

const GAP = 4

export interface Picture {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Rows of pictures as one PNG; each stands in the middle of a cell as large as the largest needs. */
export function contactSheet(rows: readonly (readonly Picture[])[]): Promise<Uint8Array> {
  const pictures = rows.flat()
  const columns = Math.max(...rows.map((row) => row.length))
  const cellWidth = Math.max(...pictures.map(({ width }) => width)) + GAP
  const cellHeight = Math.max(...pictures.map(({ height }) => height)) + GAP
  const placed = rows.flatMap((row, y) =>
    row.map(({ png, width, height }, x) => ({
      input: Buffer.from(png),
      left: GAP + x * cellWidth + ((cellWidth - GAP - width) >> 1),
      top: GAP + y * cellHeight + ((cellHeight - GAP - height) >> 1),
    })),
  )
  const sheet = { width: GAP + columns * cellWidth, height: GAP + rows.length * cellHeight }
  return sharp({ create: { ...sheet, channels: 3, background: { r: 255, g: 255, b: 255 } } })
    .composite(placed)
    .png()
    .toBuffer()
}
