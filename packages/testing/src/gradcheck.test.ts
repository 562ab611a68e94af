import { registerRef } from '@limbeck/backend-ref'
import { detach, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { gradcheck } from './gradcheck.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const vector = { shape: [3], values: [0.5, -1.25, 2] }

test('a right gradient is right to 1e-9', () => {
  expect(gradcheck((x) => tf.mul(tf.exp(x!), tf.sin(x!)), [vector]).error).toBeLessThan(1e-9)
})

test('a gradient that is wrong in one entry is found, and named', () => {
  // x² with the gradient of its second factor dropped at the last entry
  const leaky = (x: tf.Tensor) => tf.mul(x, tf.concat([tf.slice(x, [0], [2]), detach(tf.slice(x, [2], [1]))]))
  expect(() => gradcheck((x) => leaky(x!), [vector])).toThrowError(
    /input 0 \[3\] at \[2\]: relative error 1\.\de-1/,
  )
})

test('integers are passed on and not moved', () => {
  const ids = { shape: [2], values: [2, 0], dtype: 'int32' } as const
  const report = gradcheck((x, at) => tf.mul(x!, tf.cast(tf.sum(at!), 'float32')), [vector, ids])
  expect(report.input).toBe(0)
})

test('leaves the backend and the number of tensors as they were', () => {
  const before = tf.memory().numTensors
  gradcheck((x) => tf.square(x!), [vector])
  expect(tf.getBackend()).toBe('ref')
  expect(tf.memory().numTensors).toBe(before)
})

test('an unregistered backend is refused with the way out', () => {
  expect(() => gradcheck((x) => x!, [vector], { backend: 'ref128' })).toThrowError(
    /"ref128" is not registered[\s\S]*registerRef/,
  )
})

test('a kink nearer than the step is no fault, a kink under the input is', () => {
  const near = { shape: [2], values: [1e-6, -1] }
  expect(gradcheck((x) => tf.relu(x!), [near]).error).toBeLessThan(1e-7)
  expect(() => gradcheck((x) => tf.relu(x!), [{ shape: [1], values: [0] }])).toThrowError(
    /gradient of input 0/,
  )
})

test('a function that bends within the step is no fault', () => {
  // a central difference truncates h²·25e6/6: 2e-4 of the slope, and 1.5e-7 still with the smallest step
  const small = { shape: [3], values: [0.5, -0.25, 1] }
  expect(gradcheck((x) => tf.sin(tf.mul(x!, 5000)), [small]).error).toBeLessThan(1e-7)
})

test('outputs that cancel in the loss are no fault, though each is rounded', () => {
  // the weights of this seed are 0.9918 and −0.9912, and y moves by 1e-6 of what x does
  const pair = (x: tf.Tensor) => tf.add(tf.mul(x, 1e-6), tf.ones([2]))
  const report = gradcheck((x) => pair(x!), [{ shape: [1], values: [0.5] }], { seed: 3987 })
  expect(report.error).toBeLessThan(1e-7)
})

test('a fault of one in a million is found beside a second derivative of a thousand', () => {
  const faulty = (x: tf.Tensor) => {
    const y = tf.sin(tf.mul(x, 30))
    return tf.add(y, tf.mul(tf.sub(y, detach(y)), 1e-6))
  }
  expect(() => gradcheck((x) => faulty(x!), [vector])).toThrowError(/relative error (9\.\d|1\.0)e-[76]/)
})
