import { FormatError } from '../errors.ts'
import { decodeText, encodeText } from '../platform.ts'

/** Bytes per element of every dtype that safetensors names and we read. */
const bytesPer = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const
type FileDtype = keyof typeof bytesPer

/** A tensor as it lies in a file. F16 and BF16 are widened to float32, I64 is narrowed to int32 (exactly, or refused). */
export interface StoredTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** Reads the safetensors format. `file` names the source in errors. Throws `FormatError`. */
export function parseSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const fail = (what: string) => new FormatError('safetensors/malformed', `${file}: ${what}`)
  if (bytes.byteLength < 8) throw fail(`${bytes.byteLength} bytes are too few for a safetensors file`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = Number(view.getBigUint64(0, true))
  const start = 8 + headerLength
  if (start > bytes.byteLength)
    throw fail(`the header wants ${headerLength} bytes, the file has ${bytes.byteLength}`)
  const header = parseHeader(bytes.subarray(8, start), fail)

  const tensors = new Map<string, StoredTensor>()
  let total = 0
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(header.entries)) {
    const size = shape.reduce((product, length) => product * length, 1)
    if (!Object.hasOwn(bytesPer, dtype))
      throw fail(`tensor "${name}" has dtype ${dtype}; known: ${Object.keys(bytesPer).join(', ')}`)
    if (from < 0 || start + to > bytes.byteLength || to - from !== size * bytesPer[dtype]) {
      throw fail(`tensor "${name}" [${shape.join(', ')}] of ${dtype} does not fit bytes ${from}–${to}`)
    }
    // each byte belongs to one tensor: else a small file could ask for any amount of memory
    total += to - from
    if (start + total > bytes.byteLength) throw fail('its tensors share bytes')
    // a copy, because the file's offsets need not be aligned (Node's Buffer.slice would give a view)
    const raw = new Uint8Array(bytes.subarray(start + from, start + to))
    tensors.set(name, { shape, data: decode(dtype, raw.buffer, name, fail) })
  }
  return { tensors, metadata: header.metadata }
}

/** Writes the safetensors format; tensors in the order given, data aligned to 8 bytes. */
export function serializeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {}
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const text = JSON.stringify(header)
  const encoded = encodeText(text)
  const padded = Math.ceil(encoded.length / 8) * 8
  const bytes = new Uint8Array(8 + padded + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.fill(0x20, 8 + encoded.length, 8 + padded)
  bytes.set(encoded, 8)
  let at = 8 + padded
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

interface HeaderEntry {
  readonly dtype: FileDtype
  readonly shape: number[]
  readonly data_offsets: readonly [number, number]
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => FormatError) {
  let parsed: unknown
  try {
    parsed = JSON.parse(decodeText(bytes))
  } catch {
    throw fail('the header is not JSON')
  }
  if (!isRecord(parsed)) throw fail('the header is not an object')
  const { __metadata__, ...entries } = parsed
  const metadata = __metadata__ ?? {}
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw fail('the metadata are not texts by name')
  }
  for (const [name, entry] of Object.entries(entries)) {
    if (
      !isRecord(entry) ||
      !isLengths(entry.shape) ||
      !isLengths(entry.data_offsets) ||
      typeof entry.dtype !== 'string'
    ) {
      throw fail(`the header's entry "${name}" lacks dtype, shape or data_offsets`)
    }
  }
  return { metadata: metadata as Record<string, string>, entries: entries as Record<string, HeaderEntry> }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLengths = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0)

function decode(
  dtype: FileDtype,
  buffer: ArrayBuffer,
  name: string,
  fail: (what: string) => FormatError,
): StoredTensor['data'] {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer)
    case 'F64':
      return new Float64Array(buffer)
    case 'I32':
      return new Int32Array(buffer)
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer)
    case 'I64': {
      const wide = new BigInt64Array(buffer)
      if (wide.some((x) => x !== BigInt.asIntN(32, x)))
        throw fail(`tensor "${name}" has integers beyond 32 bits`)
      return Int32Array.from(wide, Number)
    }
    case 'BF16':
      return Float32Array.from(new Uint16Array(buffer), fromBfloat16)
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), fromFloat16)
  }
}

function dtypeOf(data: StoredTensor['data']): FileDtype {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  return data instanceof Int32Array ? 'I32' : 'U8'
}

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

function fromBfloat16(half: number): number {
  word[0] = half << 16
  return float[0]!
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -24 * fraction
}
