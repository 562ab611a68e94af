import { registerRef } from '@limbeck/backend-ref'
import { Random, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { Dropout } from './dropout.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const ones = () => tf.ones<tf.Rank.R4>([4, 16, 16, 32])

test('drops the given share and scales the rest, so that the mean stays', () => {
  const y = new Dropout(0.3).forward(ones(), { mode: 'train', random: new Random(1) })
  const values = Array.from(y.dataSync())
  const kept = values.filter((value) => value > 0)
  expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]))
  expect(kept.length / values.length).toBeCloseTo(0.7, 1)
})

test('another step drops other values; the same seed the same', () => {
  const layer = new Dropout(0.5)
  const run = (seed: number) => layer.forward(ones(), { mode: 'train', random: new Random(seed) }).dataSync()
  expect(run(1)).toEqual(run(1))
  expect(run(1)).not.toEqual(run(2))
})

test.each(['eval', 'frozen-statistics'] as const)(
  'does nothing in mode %s, nor without a random source',
  (mode) => {
    const x = ones()
    expect(new Dropout(0.5).forward(x, { mode, random: new Random(1) })).toBe(x)
    expect(new Dropout(0.5).forward(x, { mode: 'train' })).toBe(x)
  },
)
