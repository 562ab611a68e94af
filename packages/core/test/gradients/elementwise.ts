import { type Tensor, tf } from '@limbeck/core'
import { shape } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Check, checkGradient, gradient, run, small, unary } from './check-gradient.ts'
import { type Fill, normal, signed, within } from './points.ts'

const broadcastPair = fc
  .tuple(
    shape({ minRank: 1, maxRank: 3, maxLength: 3 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 0, max: 7 }),
  )
  .map(([full, squeezeA, squeezeB]) => {
    const squeeze = (mask: number) => full.map((length, axis) => (mask & (1 << axis) ? 1 : length))
    const [a, b] = [squeeze(squeezeA & ~squeezeB), squeeze(squeezeB & ~squeezeA)]
    return { a, b: b[0] === 1 ? b.slice(1) : b }
  })

const binary = (kernel: string, f: (a: Tensor, b: Tensor) => Tensor, fillA: Fill, fillB = fillA) =>
  checkGradient(kernel, broadcastPair, ({ a, b }, random) => ({
    f: f as Check['f'],
    inputs: [fillA(a, random), fillB(b, random)],
  }))

describe('functions of one tensor', () => {
  unary('Abs', tf.abs, signed)
  unary('Neg', tf.neg, normal)
  unary('Square', tf.square, normal)
  unary('Sqrt', tf.sqrt, within(0.3, 2))
  unary('Rsqrt', tf.rsqrt, within(0.3, 2))
  unary('Reciprocal', tf.reciprocal, signed)
  unary('Exp', tf.exp, normal)
  unary('Expm1', tf.expm1, normal)
  unary('Log', tf.log, within(0.3, 2))
  unary('Log1p', tf.log1p, within(0.3, 2))
  unary('Sin', tf.sin, normal)
  unary('Cos', tf.cos, normal)
  unary('Tan', tf.tan, within(-1, 1))
  unary('Asin', tf.asin, within(-0.8, 0.8))
  unary('Acos', tf.acos, within(-0.8, 0.8))
  unary('Atan', tf.atan, normal)
  unary('Sinh', tf.sinh, normal)
  unary('Cosh', tf.cosh, normal)
  unary('Asinh', tf.asinh, normal)
  unary('Acosh', tf.acosh, within(1.3, 3))
  unary('Atanh', tf.atanh, within(-0.8, 0.8))
  unary('Erf', tf.erf, normal)
  unary('ClipByValue', (x) => tf.clipByValue(x, -1, 0.05), signed)
  unary('Relu', tf.relu, signed)
  unary('Relu6', (x) => tf.relu6(tf.mul(x, 4)), signed)
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3), signed)
  unary('Elu', tf.elu, signed)
  unary('Selu', tf.selu, signed)
  unary('Sigmoid', tf.sigmoid, normal)
  unary('Tanh', tf.tanh, normal)
  unary('Softplus', tf.softplus, normal)
  unary('Identity', tf.clone, normal)
  unary('Cast', (x) => tf.cast(tf.mul(x, 2), 'float32'), normal)
  checkGradient('Prelu', shape({ minRank: 2, maxRank: 3, maxLength: 3 }), (lengths, random) => ({
    f: tf.prelu as Check['f'],
    inputs: [signed(lengths, random), normal(lengths.slice(-1), random)],
  }))
  checkGradient('EluGrad', small, (lengths, random) => ({
    f: (dy, y) => run('EluGrad', { dy, y }),
    inputs: [normal(lengths, random), within(-0.9, -0.1)(lengths, random)],
  }))
})

describe('functions of two tensors that broadcast', () => {
  binary('Add', tf.add, normal)
  binary('Sub', tf.sub, normal)
  binary('Multiply', tf.mul, normal)
  binary('RealDiv', tf.div, normal, signed)
  binary('SquaredDifference', tf.squaredDifference, normal)
  binary('Atan2', tf.atan2, signed)
  binary('Pow', tf.pow, within(0.3, 2), normal)
  binary('Maximum', tf.maximum, within(0, 1), within(0.2, 0.8))
  binary('Minimum', tf.minimum, within(0, 1), within(0.2, 0.8))
  binary('Mod', tf.mod, within(2.1, 2.9), within(0.73, 0.95))
  checkGradient('AddN', small, (lengths, random) => ({
    f: (...xs) => tf.addN(xs),
    inputs: [normal(lengths, random), normal(lengths, random), normal(lengths, random)],
  }))
})

describe('at kinks and poles', () => {
  const at = (values: number[], f: (x: Tensor) => Tensor) => gradient(f, tf.tensor1d(values))

  test('powers of 0 have the derivative of the polynomial', () => {
    expect(at([0], (x) => tf.pow(x, 0))).toEqual([0])
    expect(at([0], (x) => tf.pow(x, 1))).toEqual([1])
    expect(at([0], (x) => tf.pow(x, 2))).toEqual([0])
    expect(at([-3], (x) => tf.pow(x, 2))).toEqual([-6])
  })
  test('an exponent has the derivative 0 over a base of 0', () => {
    expect(at([2], (b) => tf.pow(tf.zerosLike(b), b))).toEqual([0])
  })
  test('|x|, relu and relu6 are flat at their kinks', () => {
    expect(at([0], tf.abs)).toEqual([0])
    expect(at([0], tf.relu)).toEqual([0])
    expect(at([0, 6], tf.relu6)).toEqual([0, 0])
  })
  test('clipping passes the gradient on the closed interval', () => {
    expect(at([-2, -1, 0, 1, 2], (x) => tf.clipByValue(x, -1, 1))).toEqual([0, 1, 1, 1, 0])
  })
  test('what was repeated no times has the gradient 0', () => {
    const none = tf.zeros([0, 3])
    expect(gradient((x) => tf.mul(x, none), tf.ones([1, 3]))).toEqual([0, 0, 0])
  })
  test('equal operands of maximum and minimum share no gradient twice', () => {
    expect(at([1], (x) => tf.maximum(x, x))).toEqual([1])
    expect(at([1], (x) => tf.minimum(x, x))).toEqual([1])
  })
})
