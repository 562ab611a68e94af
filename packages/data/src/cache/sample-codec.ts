import type { Sample } from '@limbeck/core'

/** Changes when the bytes below mean something else, or what readers make of files; others are never found. */
export const CODEC_VERSION = 2

const IMAGE_TYPES = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array } as const
type ImageType = keyof typeof IMAGE_TYPES

/** What precedes the pixels: its own length (uint32), then JSON. */
interface Header {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly image: ImageType
  readonly instances: boolean
}

const LENGTH_BYTES = 4

/** A sample as bytes: header, image, labels, instances. */
export function encodeSample({ id, width, height, channels, image, labels, instances }: Sample): Uint8Array {
  const type = imageTypeOf(image)
  const header: Header = { id, width, height, channels, image: type, instances: instances !== undefined }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.byteLength)
  return Buffer.concat([length, text, bytesOf(image), labels, ...(instances ? [bytesOf(instances)] : [])])
}

/** The sample that `encodeSample` was given. The bytes are trusted: whoever kept them has checked their sum. */
export function decodeSample(bytes: Uint8Array): Sample {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = LENGTH_BYTES + view.readUInt32LE()
  const { instances, image: type, ...size } = JSON.parse(view.toString('utf8', LENGTH_BYTES, at)) as Header
  // copies: a view of 4-byte numbers must begin at a multiple of 4, and each array may be transferred by itself
  const take = (count: number): ArrayBuffer => {
    const start = bytes.byteOffset + at
    at += count
    return bytes.buffer.slice(start, start + count) as ArrayBuffer
  }
  const pixels = size.width * size.height
  const Image = IMAGE_TYPES[type]
  return {
    ...size,
    image: new Image(take(pixels * size.channels * Image.BYTES_PER_ELEMENT)),
    labels: new Uint8Array(take(pixels)),
    ...(instances && { instances: new Int32Array(take(pixels * Int32Array.BYTES_PER_ELEMENT)) }),
  }
}

function imageTypeOf(image: Sample['image']): ImageType {
  if (image instanceof Uint8Array) return 'uint8'
  return image instanceof Uint16Array ? 'uint16' : 'float32'
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Sample['image'] | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
