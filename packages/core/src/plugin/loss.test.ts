import { registerRef } from '@limbeck/backend-ref'
import { defineLoss, labels, list, logits, map, pixels, tf, z } from '@limbeck/core'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const example = defineLoss({
  name: 'example',
  summary: 'Sum of what it is given.',
  inputs: {
    logits: logits(),
    labels: labels({ over: 'logits' }),
    weights: pixels({ over: 'logits' }).optional(),
    teachers: list(map({ over: 'logits', target: true })),
  },
  options: { scale: z.number().positive(), power: z.number().default(2) },
  compute({ logits: z1, labels: y, weights, teachers }, { scale, power }) {
    expectTypeOf(z1).toEqualTypeOf<tf.Tensor4D>()
    expectTypeOf(y).toEqualTypeOf<tf.Tensor3D>()
    expectTypeOf(weights).toEqualTypeOf<tf.Tensor3D | undefined>()
    expectTypeOf(teachers).toEqualTypeOf<readonly tf.Tensor4D[]>()
    expectTypeOf(power).toEqualTypeOf<number>()
    return tf.mul(tf.sum(z1), scale)
  },
})

const maps = () => tf.ones([1, 2, 3, 4]) as tf.Tensor4D
const classes = () => tf.zeros([1, 2, 3], 'int32') as tf.Tensor3D

describe('defineLoss', () => {
  it('gives a function of named tensors', () => {
    const loss = example({ scale: 2 })
    expect(loss({ logits: maps(), labels: classes(), teachers: [maps()] }).dataSync()[0]).toBe(48)
    expect(loss.options).toEqual({ scale: 2, power: 2 })
  })

  it('does not compile with a missing input, a missing option, or a misspelt one', () => {
    // @ts-expect-error an option without default must be given
    expect(() => example()).toThrow('expected number')
    // @ts-expect-error no such option
    expect(() => example({ scale: 1, powr: 3 })).toThrow('Unrecognized key: "powr" (did you mean "power"?)')
    // @ts-expect-error labels are missing
    expect(() => example({ scale: 1 })({ logits: maps(), teachers: [maps()] })).toThrow(
      'input "labels" is missing',
    )
  })

  it.each([
    ['another rank', () => ({ labels: tf.zeros([2, 3], 'int32') }), 'expected int32 [B,H,W]'],
    ['another dtype', () => ({ labels: tf.zeros([1, 2, 3]) }), 'received float32 [1, 2, 3]'],
    ['another size', () => ({ labels: tf.zeros([1, 2, 2], 'int32') }), '"labels" does not fit "logits"'],
    ['an empty list', () => ({ teachers: [] }), 'input "teachers" is an empty list'],
    [
      'a list element of another size',
      () => ({ teachers: [tf.ones([1, 5, 3, 4])] }),
      '"teachers" does not fit "logits"',
    ],
    ['an unknown input', () => ({ pixels: tf.ones([1, 2, 3]) }), 'no input is named "pixels"'],
  ])('refuses %s', (_, wrong, message) => {
    const given = { logits: maps(), labels: classes(), teachers: [maps()], ...wrong() }
    expect(() => example({ scale: 1 })(given as never)).toThrow(message)
  })

  it('leaves no tensors behind but its value', () => {
    const given = { logits: maps(), labels: classes(), teachers: [maps()] }
    const before = tf.memory().numTensors
    const value = example({ scale: 2 })(given)
    expect(tf.memory().numTensors).toBe(before + 1)
    value.dispose()
  })
})
