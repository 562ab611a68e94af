import { FormatError } from '@limbeck/core'

const FILE_HEADER = 14
const INFO_HEADER = 40
const NO_COMPRESSION = 0
const BIT_FIELDS = 3
/** Masks of red, green and blue in a 32-bit pixel as everyone writes them: blue first. */
const BLUE_FIRST = [0x00ff0000, 0x0000ff00, 0x000000ff] as const
const MOST_PIXELS = 2 ** 28

export interface BmpHeader {
  readonly width: number
  readonly height: number
  readonly bottomUp: boolean
  readonly bits: number
  /** Where the pixels begin. */
  readonly offset: number
  /** `[red, green, blue]` by index, for 8 bits and fewer. */
  readonly palette: readonly (readonly [number, number, number])[] | undefined
}

/** Whether bytes begin as a Windows bitmap does. */
export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d

/** Whether all colours of a bitmap's palette are grey. */
export const isGreyBmp = ({ palette }: BmpHeader): boolean =>
  palette?.every(([red, green, blue]) => red === green && green === blue) ?? false

/** Whether the colours of a bitmap's palette are greys from black to white in even steps: what a mask is kept in. */
export const isGreyRamp = (header: BmpHeader): boolean =>
  isGreyBmp(header) &&
  header.palette!.every(([grey], index) => grey === (index * 255) / (2 ** header.bits - 1))

/**
 * Reads the header of an uncompressed Windows bitmap of 1, 4, 8, 24 or 32 bits a pixel and checks that the pixels are
 * there. Throws `FormatError`; run-length coding and the 16-bit kinds, which no microscope writes, are refused.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isBmp(bytes) || bytes.length < FILE_HEADER + INFO_HEADER) throw broken('the header is cut short')
  const headerSize = view.getUint32(14, true)
  if (headerSize < INFO_HEADER || FILE_HEADER + headerSize > bytes.length) {
    throw broken(`a header of ${headerSize} bytes`)
  }
  const width = view.getInt32(18, true)
  const signedHeight = view.getInt32(22, true)
  const height = Math.abs(signedHeight)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  const offset = view.getUint32(10, true)
  if (width <= 0 || height === 0 || width * height > MOST_PIXELS) throw broken(`${width} × ${height} pixels`)
  requireKind(view, { bits, compression })
  const end = offset + rowBytes(width, bits) * height
  if (offset < FILE_HEADER + headerSize || end > bytes.length) {
    throw broken(`${bytes.length} bytes; ${width} × ${height} pixels of ${bits} bits need ${end}`)
  }
  return {
    width,
    height,
    bottomUp: signedHeight > 0,
    bits,
    offset,
    palette: bits <= 8 ? readPalette(view, FILE_HEADER + headerSize, { bits, end: offset }) : undefined,
  }
}

/** Pixels of a bitmap as RGB, or as grey where the palette `isGreyBmp` and `colour` is false; no alpha. */
export function decodeBmp(
  bytes: Uint8Array,
  header: BmpHeader,
  { colour }: { readonly colour: boolean },
): Uint8Array {
  const { width, height, bottomUp, bits, offset, palette } = header
  const channels = colour ? 3 : 1
  const stride = rowBytes(width, bits)
  const pixels = new Uint8Array(width * height * channels)
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = offset + (bottomUp ? height - 1 - y : y) * stride
    for (let x = 0; x < width; x++) {
      if (palette) {
        const index = (bytes[row + ((x * bits) >> 3)]! >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1)
        const entry = palette[index]
        if (!entry) throw broken(`colour ${index} of a palette of ${palette.length}`)
        for (let c = 0; c < channels; c++) pixels[to++] = entry[c]!
      } else {
        const at = row + (x * bits) / 8
        // blue comes first in the file
        for (let c = 0; c < 3; c++) pixels[to++] = bytes[at + 2 - c]!
      }
    }
  }
  return pixels
}

/** Rows are padded to four bytes. */
const rowBytes = (width: number, bits: number): number => Math.ceil((width * bits) / 32) * 4

function requireKind(view: DataView, { bits, compression }: { bits: number; compression: number }): void {
  const plain = compression === NO_COMPRESSION && [1, 4, 8, 24, 32].includes(bits)
  const fields = compression === BIT_FIELDS && bits === 32
  if (plain || (fields && BLUE_FIRST.every((mask, i) => view.getUint32(54 + 4 * i, true) === mask))) return
  throw new FormatError('bmp/kind', 'this kind of bitmap is not read', {
    expected: '1, 4, 8, 24 or 32 bits a pixel, uncompressed',
    received: `${bits} bits, compression ${compression}`,
    hint: 'save it as PNG',
  })
}

function readPalette(view: DataView, start: number, { bits, end }: { bits: number; end: number }) {
  const count = view.getUint32(46, true) || 2 ** bits
  if (count > 2 ** bits || start + 4 * count > end)
    throw broken(`a palette of ${count} colours for ${bits} bits`)
  return Array.from({ length: count }, (_, i): readonly [number, number, number] => {
    const at = start + 4 * i
    return [view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at)]
  })
}

const broken = (received: string) => new FormatError('bmp/header', 'the bitmap is damaged', { received })
