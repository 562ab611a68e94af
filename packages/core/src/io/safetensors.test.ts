import { describe, expect, it } from 'vitest'
import { parseSafetensors, type StoredTensor, serializeSafetensors } from './safetensors.ts'

const tensors = new Map<string, StoredTensor>([
  ['a.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['double', { shape: [1], data: Float64Array.of(Math.PI) }],
  ['ids', { shape: [3], data: Int32Array.of(-1, 0, 7) }],
  ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 255) }],
])

/** A file with one tensor of a dtype that we only read. */
function fileOf(dtype: string, shape: number[], data: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(
    JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }),
  )
  const bytes = new Uint8Array(8 + header.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  bytes.set(data, 8 + header.length)
  return bytes
}

/** A file of any head, and eight bytes of data. */
function fileWith(header: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + 8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}
const entry = { dtype: 'U8', shape: [8], data_offsets: [0, 8] }

describe('safetensors', () => {
  it('reads what it wrote, metadata included', () => {
    const { tensors: read, metadata } = parseSafetensors(
      serializeSafetensors({ tensors, metadata: { model: 'unet', note: 'äöü' } }),
    )
    expect(read).toEqual(tensors)
    expect(metadata).toEqual({ model: 'unet', note: 'äöü' })
  })

  it('widens half precision', () => {
    const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001).buffer)
    expect(parseSafetensors(fileOf('F16', [4], halves)).tensors.get('x')!.data).toEqual(
      Float32Array.of(1, -2, Number.POSITIVE_INFINITY, 2 ** -24),
    )
    const brain = new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer)
    expect(parseSafetensors(fileOf('BF16', [2], brain)).tensors.get('x')!.data).toEqual(
      Float32Array.of(1, -2),
    )
  })

  it('narrows 64-bit integers only when nothing is lost', () => {
    const counter = new Uint8Array(BigInt64Array.of(5n, -3n).buffer)
    expect(parseSafetensors(fileOf('I64', [2], counter)).tensors.get('x')!.data).toEqual(Int32Array.of(5, -3))
    const large = new Uint8Array(BigInt64Array.of(1n << 40n).buffer)
    expect(() => parseSafetensors(fileOf('I64', [1], large))).toThrow('integers beyond 32 bits')
  })

  it.each([
    ['nothing', new Uint8Array(3), '3 bytes are too few'],
    ['a cut file', serializeSafetensors({ tensors, metadata: {} }).slice(0, 60), 'the header wants'],
    ['data that is cut', serializeSafetensors({ tensors, metadata: {} }).slice(0, -1), 'tensor "bytes"'],
    ['an unknown dtype', fileOf('F8_E4M3', [1], new Uint8Array(1)), 'has dtype F8_E4M3; known: F64'],
    ['a head that is null', fileWith(null), 'the header is not an object'],
    ['a head that is a list', fileWith([entry]), 'the header is not an object'],
    [
      'metadata that are no texts',
      fileWith({ __metadata__: { epoch: 3 }, x: entry }),
      'the metadata are not',
    ],
    [
      'negative lengths',
      fileWith({ x: { ...entry, shape: [-2, -4] } }),
      'lacks dtype, shape or data_offsets',
    ],
    ['a dtype that every object has', fileWith({ x: { ...entry, dtype: 'toString' } }), 'has dtype toString'],
    ['tensors that share bytes', fileWith({ x: entry, y: entry }), 'its tensors share bytes'],
    ['a shape that does not fit', fileOf('F32', [2], new Uint8Array(4)), 'does not fit bytes 0–4'],
  ])('refuses %s and names the file', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'weights.safetensors')).toThrow(message)
    expect(() => parseSafetensors(bytes, 'weights.safetensors')).toThrow('weights.safetensors')
  })
})
