import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'

const LARGEST_SIDE = 512
/** Sides of tiles are multiples of it, says the standard. */
const SIDE_UNIT = 16
/** Files that may pass this need the 64-bit offsets of BigTIFF; every tool reads what is smaller. */
const MOST_CLASSIC_BYTES = 4e9
const compressed = promisify(deflate)

/** What a writer has written: plain JSON, with which another one goes on. */
export interface LabelTiffState {
  /** Rows that are in the file for good. */
  readonly rows: number
  readonly offsets: readonly number[]
  readonly byteCounts: readonly number[]
  /** Where the next tile goes. */
  readonly end: number
}

interface Size {
  readonly width: number
  readonly height: number
}

export interface LabelTiffOptions {
  /** Go on with the file of a writer that was in this state; what was written after that is overwritten. */
  readonly state?: LabelTiffState | undefined
  /** Default: TIFF unless the file might need 64-bit offsets, as some 60,000 × 60,000 pixels do. */
  readonly format?: 'TIFF' | 'BigTIFF'
}

/**
 * Writes a map of class numbers, one byte a pixel, as a tiled, deflated TIFF (BigTIFF where it needs to be), row by row
 * and without holding more than a row of tiles. QuPath, ImageJ and every TIFF library read it. The file is valid once
 * it is finished.
 */
export class LabelTiffWriter {
  readonly #file: FileHandle
  readonly #size: Size
  readonly #layout: Layout
  readonly #offsets: number[]
  readonly #byteCounts: number[]
  /** Rows that do not fill a row of tiles yet. */
  readonly #pending: Uint8Array
  #pendingRows = 0
  #rows: number
  #end: number

  static async open(path: string, size: Size, options: LabelTiffOptions = {}): Promise<LabelTiffWriter> {
    const file = await open(path, options.state ? 'r+' : 'w')
    return new LabelTiffWriter(file, size, options)
  }

  private constructor(file: FileHandle, size: Size, { state, format = formatFor(size) }: LabelTiffOptions) {
    this.#file = file
    this.#size = size
    this.#layout = LAYOUTS[format]
    this.#offsets = [...(state?.offsets ?? [])]
    this.#byteCounts = [...(state?.byteCounts ?? [])]
    this.#pending = new Uint8Array(sideOf(size) * size.width)
    this.#rows = state?.rows ?? 0
    this.#end = state?.end ?? this.#layout.headerBytes
  }

  get state(): LabelTiffState {
    return {
      rows: this.#rows,
      offsets: [...this.#offsets],
      byteCounts: [...this.#byteCounts],
      end: this.#end,
    }
  }

  /** Adds whole rows; true when some of them got into the file, which is on the disk when this resolves. */
  async append(rows: Uint8Array): Promise<boolean> {
    const { width, height } = this.#size
    const side = sideOf(this.#size)
    const before = this.#rows
    for (let from = 0; from < rows.length; ) {
      const part = rows.subarray(from, from + (side - this.#pendingRows) * width)
      this.#pending.set(part, this.#pendingRows * width)
      this.#pendingRows += part.length / width
      from += part.length
      const complete = this.#pendingRows === side || this.#rows + this.#pendingRows === height
      if (complete) await this.#writeTiles()
    }
    if (this.#rows === before) return false
    await this.#file.datasync()
    return true
  }

  /** Writes the directory, which makes the file readable, and closes it. */
  async finish(): Promise<void> {
    const { bytes, start } = directoryOf(this.#size, this.#layout, {
      offsets: this.#offsets,
      byteCounts: this.#byteCounts,
      at: this.#end + (this.#end % 2),
    })
    await this.#file.write(bytes, 0, bytes.length, this.#end + (this.#end % 2))
    const header = this.#layout.header(start)
    await this.#file.write(header, 0, header.length, 0)
    await this.#file.truncate(this.#end + (this.#end % 2) + bytes.length)
    await this.#file.datasync()
    await this.close()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #writeTiles(): Promise<void> {
    const across = Math.ceil(this.#size.width / sideOf(this.#size))
    const tiles = await Promise.all(Array.from({ length: across }, (_, column) => this.#tile(column)))
    for (const tile of tiles) {
      await this.#file.write(tile, 0, tile.length, this.#end)
      this.#offsets.push(this.#end)
      this.#byteCounts.push(tile.length)
      this.#end += tile.length
    }
    this.#rows += this.#pendingRows
    this.#pendingRows = 0
  }

  /** A tile of the pending rows, deflated; beyond the image it is 0. */
  #tile(column: number): Promise<Buffer> {
    const { width } = this.#size
    const side = sideOf(this.#size)
    const pixels = new Uint8Array(side * side)
    for (let y = 0; y < this.#pendingRows; y++) {
      const from = y * width + column * side
      pixels.set(this.#pending.subarray(from, Math.min(from + side, (y + 1) * width)), y * side)
    }
    return compressed(pixels)
  }
}

/** Where the two kinds of TIFF differ. */
interface Layout {
  readonly headerBytes: number
  /** Bytes of an offset and of a directory's own counts. */
  readonly word: 4 | 8
  readonly header: (directoryAt: number) => Buffer
}

/** Tiles that are far larger than the image are refused by libvips. */
const sideOf = ({ width, height }: Size): number =>
  Math.min(LARGEST_SIDE, Math.ceil(Math.min(width, height) / SIDE_UNIT) * SIDE_UNIT)

function formatFor(size: Size): 'TIFF' | 'BigTIFF' {
  const side = sideOf(size)
  const tiles = Math.ceil(size.width / side) * Math.ceil(size.height / side)
  // deflate makes what cannot be compressed larger by 5 bytes in 16 KiB
  return tiles * side * side * 1.001 < MOST_CLASSIC_BYTES ? 'TIFF' : 'BigTIFF'
}

const CLASSIC: Layout = {
  headerBytes: 8,
  word: 4,
  header(directoryAt) {
    const header = Buffer.from('II*\0\0\0\0\0', 'latin1')
    header.writeUInt32LE(directoryAt, 4)
    return header
  },
}

const BIG: Layout = {
  headerBytes: 16,
  word: 8,
  header(directoryAt) {
    const header = Buffer.from('II+\0\x08\0\0\0\0\0\0\0\0\0\0\0', 'latin1')
    header.writeBigUInt64LE(BigInt(directoryAt), 8)
    return header
  },
}

const LAYOUTS = { TIFF: CLASSIC, BigTIFF: BIG } as const

/** TIFF 6.0 and BigTIFF field types by their size in bytes. */
const TYPE_OF_BYTES = { 2: 3, 4: 4, 8: 16 } as const

interface Field {
  readonly tag: number
  readonly bytes: 2 | 4 | 8
  readonly values: readonly number[]
}

interface Tiles {
  readonly offsets: readonly number[]
  readonly byteCounts: readonly number[]
  /** Where in the file this will lie. */
  readonly at: number
}

/** The image file directory, behind the lists that do not fit into it. */
function directoryOf(
  size: Size,
  { word }: Layout,
  { offsets, byteCounts, at }: Tiles,
): { readonly bytes: Buffer; readonly start: number } {
  const { width, height } = size
  const side = sideOf(size)
  const fields: Field[] = [
    { tag: 256, bytes: 4, values: [width] }, // ImageWidth
    { tag: 257, bytes: 4, values: [height] }, // ImageLength
    { tag: 258, bytes: 2, values: [8] }, // BitsPerSample
    { tag: 259, bytes: 2, values: [8] }, // Compression: deflate
    { tag: 262, bytes: 2, values: [1] }, // PhotometricInterpretation: black is zero
    { tag: 277, bytes: 2, values: [1] }, // SamplesPerPixel
    { tag: 322, bytes: 4, values: [side] }, // TileWidth
    { tag: 323, bytes: 4, values: [side] }, // TileLength
    { tag: 324, bytes: word, values: offsets }, // TileOffsets
    { tag: 325, bytes: 4, values: byteCounts }, // TileByteCounts
    { tag: 339, bytes: 2, values: [1] }, // SampleFormat: unsigned
  ]
  const lists: Buffer[] = []
  let listsEnd = at
  const entries = fields.map(({ tag, bytes, values }) => {
    const entry = Buffer.alloc(4 + 2 * word)
    entry.writeUInt16LE(tag, 0)
    entry.writeUInt16LE(TYPE_OF_BYTES[bytes], 2)
    writeWord(entry, values.length, 4, word)
    const packed = pack(values, bytes)
    if (packed.length <= word) packed.copy(entry, 4 + word)
    else {
      writeWord(entry, listsEnd, 4 + word, word)
      lists.push(packed)
      listsEnd += packed.length
    }
    return entry
  })
  const count = Buffer.alloc(word === 4 ? 2 : 8)
  if (word === 4) count.writeUInt16LE(entries.length)
  else writeWord(count, entries.length, 0, 8)
  const noNext = Buffer.alloc(word)
  return { bytes: Buffer.concat([...lists, count, ...entries, noNext]), start: listsEnd }
}

function pack(values: readonly number[], bytes: 2 | 4 | 8): Buffer {
  const packed = Buffer.alloc(values.length * bytes)
  for (const [k, value] of values.entries()) {
    if (bytes === 2) packed.writeUInt16LE(value, k * bytes)
    else writeWord(packed, value, k * bytes, bytes)
  }
  return packed
}

function writeWord(to: Buffer, value: number, at: number, bytes: 4 | 8): void {
  if (bytes === 4) to.writeUInt32LE(value, at)
  else to.writeBigUInt64LE(BigInt(value), at)
}
