import { tf } from '@limbeck/core'
import { expect, test } from 'vitest'
import type { RefBackend } from './backend.ts'
import { registerRef } from './index.ts'

registerRef()

test('a second registration changes nothing', async () => {
  await tf.setBackend('ref')
  const x = tf.tensor1d([1, 2])
  registerRef()
  expect(tf.getBackend()).toBe('ref')
  expect([...tf.add(x, 1).dataSync()]).toEqual([2, 3])
})

test('ref rounds to float32 at the store, ref64 does not', async () => {
  await tf.setBackend('ref')
  expect(tf.div(1, 3).dataSync()[0]).toBe(Math.fround(1 / 3))
  await tf.setBackend('ref64')
  expect(tf.div(1, 3).dataSync()).toEqual(new Float64Array([1 / 3]))
})

test('the backend counts launches, traffic and memory', async () => {
  await tf.setBackend('ref')
  const { stats } = tf.backend() as RefBackend
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
  ;(tf.backend() as RefBackend).resetStats()
  const before = stats.liveBytes
  const y = tf.tensor1d([1, 2, 3])
  const rows = tf.sum(tf.reshape(x, [4]))
  rows.dataSync()
  expect(stats).toMatchObject({ uploads: 1, uploadBytes: 12, readbacks: 0, launches: 1 })
  x.dataSync()
  expect(stats.readbacks).toBe(1)
  y.dispose()
  rows.dispose()
  expect(stats.liveBytes).toBe(before)
  expect(stats.peakBytes).toBe(before + 16)
})

test('neither the array given nor the array read shares memory with the tensor', async () => {
  await tf.setBackend('ref')
  const given = new Float32Array([1, 2])
  const x = tf.tensor1d(given)
  given[0] = 9
  x.dataSync()[1] = 9
  expect([...x.dataSync()]).toEqual([1, 2])
})
