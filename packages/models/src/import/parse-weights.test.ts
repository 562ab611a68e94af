import { serializeSafetensors } from '@limbeck/core'
import { expect, test } from 'vitest'
import { parseWeights } from './parse-weights.ts'

test.each([
  ['new', [0x50, 0x4b, 0x03, 0x04, 0, 0, 0, 0]],
  ['old', [0x80, 0x02, 0x8a, 0x0a, 0, 0, 0, 0]],
])('a pickle (%s) is refused with the command that converts it', (_, bytes) => {
  const parse = () => parseWeights(Uint8Array.from(bytes), 'models/resnet34.pth')
  expect(parse).toThrow(/is a pickle/)
  expect(parse).toThrow(/python -c .*weights_only=True.*"models\/resnet34\.safetensors"/)
})

test('a safetensors file is read', () => {
  const tensors = new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]])
  expect(parseWeights(serializeSafetensors({ tensors, metadata: {} }), 'a.safetensors')).toEqual(tensors)
})

test('a safetensors file whose length begins as a pickle does is no pickle', () => {
  const files = Array.from({ length: 64 }, (_, i) => {
    const tensors = new Map([['x'.repeat(8 * i + 1), { shape: [1], data: Float32Array.of(1) }]])
    return serializeSafetensors({ tensors, metadata: {} })
  })
  const alike = files.find((bytes) => bytes[0] === 0x80)!
  expect(parseWeights(alike, 'x').size).toBe(1)
})
