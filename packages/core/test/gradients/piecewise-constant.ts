import { type Tensor, tf } from '@limbeck/core'
import { describe, expect, test } from 'vitest'
import { withOwnGradients } from '../../src/gradients/install.ts'
import { checked, run } from './check-gradient.ts'

describe('piecewise constant kernels', () => {
  const flatUnary = [
    'Ceil',
    'Floor',
    'Round',
    'Sign',
    'Step',
    'IsNan',
    'IsInf',
    'IsFinite',
    'ZerosLike',
    'OnesLike',
  ]
  const flatBinary = ['Less', 'LessEqual', 'Greater', 'GreaterEqual', 'Equal', 'NotEqual', 'FloorDiv']
  const point = () =>
    tf.tensor2d([
      [0.4, -1.6],
      [2.2, 1.3],
    ])
  // tfjs's own backward pass, which follows integers and booleans too
  const stock = (f: (x: Tensor) => Tensor) =>
    Array.from(withOwnGradients(() => tf.grad((x: Tensor) => tf.sum(f(x)))(point())).dataSync())
  const ofValues = (x: Tensor, flat: Tensor) => tf.mul(x, tf.cast(flat, 'float32'))

  const flat = (kernel: string, f: (x: Tensor) => Tensor) => {
    checked.add(kernel)
    test(`${kernel} passes no gradient and lets that of its neighbours through`, () => {
      const values = Array.from(f(point()).dataSync())
      expect(stock((x) => ofValues(x, f(x)))).toEqual(values)
    })
  }
  for (const kernel of flatUnary) flat(kernel, (x) => run(kernel, { x }))
  for (const kernel of flatBinary) flat(kernel, (x) => run(kernel, { a: x, b: tf.tensor1d([0.5, 1.2]) }))
  flat('LogicalNot', (x) => tf.logicalNot(tf.less(x, 1)))
  flat('LogicalAnd', (x) => tf.logicalAnd(tf.less(x, 1), tf.greater(x, 0)))
  flat('LogicalOr', (x) => tf.logicalOr(tf.less(x, 1), tf.greater(x, 2)))
  flat('All', (x) => tf.broadcastTo(tf.all(tf.less(x, 2), 1, true), [2, 2]))
  flat('Any', (x) => tf.broadcastTo(tf.any(tf.less(x, 2), 1, true), [2, 2]))
  flat('ArgMax', (x) => tf.broadcastTo(tf.argMax(x, 1), [2, 2]))
  flat('ArgMin', (x) => tf.broadcastTo(tf.argMin(x, 1), [2, 2]))
  flat('OneHot', (x) => tf.oneHot(tf.argMax(x, 1), 2))
  test('a cast to integers passes no gradient', () => {
    expect(stock((x) => ofValues(x, tf.cast(x, 'int32')))).toEqual([0, -1, 2, 1])
  })
})
