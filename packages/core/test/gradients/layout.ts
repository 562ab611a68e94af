import { Random, tf } from '@limbeck/core'
import { seed, shape } from '@limbeck/testing'
import fc from 'fast-check'
import { describe } from 'vitest'
import { checkGradient } from './check-gradient.ts'
import { normal } from './points.ts'

describe('layout', () => {
  const some = shape({ minRank: 1, maxRank: 4, maxLength: 3 })
  checkGradient('Reshape', some, (lengths, random) => ({
    f: (x) => tf.reshape(x!, [-1]),
    inputs: [normal(lengths, random)],
  }))
  checkGradient('ExpandDims', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.square(tf.expandDims(x!, axis % 2 === 0 ? axis % (lengths.length + 1) : -1)),
    inputs: [normal(lengths, random)],
  }))
  checkGradient('Transpose', fc.tuple(some, seed()), ([lengths, order], random) => ({
    f: (x) => tf.transpose(x!, new Random(order).permutation(lengths.length)),
    inputs: [normal(lengths, random)],
  }))
  checkGradient('Reverse', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.reverse(x!, axis % lengths.length),
    inputs: [normal(lengths, random)],
  }))
  checkGradient(
    'Concat',
    fc.tuple(some, fc.nat(3), fc.integer({ min: 1, max: 3 })),
    ([lengths, at, extra], random) => {
      const axis = at % lengths.length
      return {
        f: (...xs) => tf.concat(xs, axis),
        inputs: [normal(lengths, random), normal(lengths.with(axis, extra), random)],
      }
    },
  )
  checkGradient(
    'SplitV',
    fc.tuple(some, fc.nat(3), fc.integer({ min: 1, max: 3 })),
    ([lengths, at, parts], random) => {
      const axis = at % lengths.length
      return {
        f: (x) =>
          tf.square(
            tf
              .split(
                x!,
                Array.from({ length: parts }, () => 2),
                axis,
              )
              .at(-1)!,
          ),
        inputs: [normal(lengths.with(axis, 2 * parts), random)],
      }
    },
  )
  checkGradient('Pack', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (...xs) => tf.stack(xs, axis % (lengths.length + 1)),
    inputs: [normal(lengths, random), normal(lengths, random)],
  }))
  checkGradient('Unpack', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.square(tf.unstack(x!, axis % lengths.length)[0]!),
    inputs: [normal(lengths, random)],
  }))
  checkGradient('Tile', fc.tuple(some, fc.nat(80)), ([lengths, digits], random) => ({
    f: (x) =>
      tf.tile(
        x!,
        lengths.map((_, axis) => 1 + (Math.floor(digits / 3 ** axis) % 3)),
      ),
    inputs: [normal(lengths, random)],
  }))
  checkGradient('PadV2', fc.tuple(some, fc.nat(80)), ([lengths, digits], random) => ({
    f: (x) =>
      tf.pad(
        x!,
        lengths.map((_, axis) => [axis, Math.floor(digits / 3 ** axis) % 3]),
        1.5,
      ),
    inputs: [normal(lengths, random)],
  }))
  checkGradient(
    'MirrorPad',
    fc.tuple(some, fc.constantFrom('reflect', 'symmetric'), fc.nat(80)),
    ([lengths, mode, digits], random) => {
      const most = (length: number) => (mode === 'reflect' ? length - 1 : length)
      const paddings = lengths.map((length, axis): [number, number] => [
        Math.min(most(length), Math.floor(digits / 3 ** axis) % 3),
        most(length),
      ])
      return { f: (x) => tf.mirrorPad(x!, paddings, mode), inputs: [normal(lengths, random)] }
    },
  )
  checkGradient('Slice', fc.tuple(some, fc.nat(3)), ([lengths, begin], random) => ({
    f: (x) =>
      tf.slice(
        x!,
        lengths.map((length) => begin % length),
        -1 as never,
      ),
    inputs: [normal(lengths, random)],
  }))
  const oneStride = fc.record({
    length: fc.integer({ min: 1, max: 7 }),
    begin: fc.nat(6),
    stride: fc.constantFrom(-3, -2, -1, 1, 2, 3),
    open: fc.boolean(),
  })
  checkGradient(
    'StridedSlice',
    fc.tuple(oneStride, oneStride),
    (axes, random) => {
      const begin = axes.map(({ begin, length }) => begin % length)
      const end = axes.map(({ stride, length }) => (stride > 0 ? length : -length - 1))
      const mask = axes.reduce((bits, { open }, axis) => bits | (open ? 1 << axis : 0), 0)
      return {
        f: (x) =>
          tf.stridedSlice(
            x!,
            begin,
            end,
            axes.map(({ stride }) => stride),
            mask,
            mask,
          ),
        inputs: [
          normal(
            axes.map(({ length }) => length),
            random,
          ),
        ],
      }
    },
    20,
  )
  const blocks = fc.record({
    block: fc.constantFrom<[number, number][]>([1, 2], [2, 2], [2, 3]),
    before: fc.nat(1),
    n: fc.integer({ min: 1, max: 2 }),
  })
  checkGradient('SpaceToBatchND', blocks, ({ block: [h, w], before, n }, random) => ({
    f: (x) =>
      tf.spaceToBatchND(
        x!,
        [h, w],
        [
          [before, 0],
          [0, before],
        ],
      ),
    inputs: [normal([n, 2 * h - before, 2 * w - before, 2], random)],
  }))
  checkGradient('BatchToSpaceND', blocks, ({ block: [h, w], before, n }, random) => ({
    f: (x) =>
      tf.batchToSpaceND(
        x!,
        [h, w],
        [
          [before, 0],
          [0, before],
        ],
      ),
    inputs: [normal([n * h * w, 2, 2, 2], random)],
  }))
})
