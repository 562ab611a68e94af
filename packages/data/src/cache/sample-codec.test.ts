import type { Sample } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { decodeSample, encodeSample } from './sample-codec.ts'

const size = { id: 'ä/1', width: 3, height: 2, channels: 1, labels: Uint8Array.of(0, 1, 2, 3, 4, 255) }
const samples: readonly Sample[] = [
  { ...size, image: Uint8Array.of(0, 50, 100, 150, 200, 255) },
  {
    ...size,
    image: Uint16Array.of(0, 1, 256, 1000, 65534, 65535),
    instances: Int32Array.of(0, 1, -1, 2 ** 30, 5, 6),
  },
  { ...size, image: Float32Array.of(0, -0, 1e-40, 0.1, 1e30, -1) },
  {
    ...size,
    channels: 3,
    image: Uint8Array.from({ length: 18 }, (_, i) => i),
    instances: Int32Array.from({ length: 6 }, (_, i) => i),
  },
]

describe('encodeSample and decodeSample', () => {
  it.each(samples)('give back sample %#, wherever its bytes lie', (sample) => {
    const bytes = encodeSample(sample)
    for (const offset of [0, 1, 2, 3]) {
      const moved = new Uint8Array(bytes.length + offset)
      moved.set(bytes, offset)
      expect(decodeSample(moved.subarray(offset))).toEqual(sample)
    }
  })

  it('give arrays that can be transferred one by one', () => {
    const { image, labels, instances } = decodeSample(encodeSample(samples[1]!))
    expect(new Set([image.buffer, labels.buffer, instances!.buffer]).size).toBe(3)
  })
})
