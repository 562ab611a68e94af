import sharp from 'sharp'

interface Size {
  readonly width: number
  readonly height: number
}

/** A grey PNG of 8 bits whose pixels are class numbers, given row by row. */
export const maskPng = (labels: Uint8Array, { width, height }: Size): Promise<Uint8Array> =>
  sharp(labels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
