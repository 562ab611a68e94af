import { encodeText } from '@limbeck/core'

/** A message or one of its fields as bytes, in pieces, so that large tensors are copied once, at the end. */
export type Bytes = readonly Uint8Array[]

/** Wire types (https://protobuf.dev/programming-guides/encoding). */
const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/** A field of type int32, int64 or an enum. */
export const integer = (field: number, value: number): Bytes => [tag(field, VARINT), varint(BigInt(value))]

/** A field of type float. */
export function float(field: number, value: number): Bytes {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return [tag(field, FIXED_32), bytes]
}

/** A field of type string, or bytes when it is given bytes. */
export function text(field: number, value: string | Uint8Array): Bytes {
  return message(field, [typeof value === 'string' ? encodeText(value) : value])
}

/** A field that is a message. */
export const message = (field: number, content: Bytes): Bytes => [
  tag(field, LENGTH_DELIMITED),
  varint(BigInt(lengthOf(content))),
  ...content,
]

export function joined(pieces: Bytes): Uint8Array {
  const whole = new Uint8Array(lengthOf(pieces))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

const lengthOf = (pieces: Bytes): number => pieces.reduce((sum, { length }) => sum + length, 0)

const tag = (field: number, wireType: number): Uint8Array => varint(BigInt(field * 8 + wireType))

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}
