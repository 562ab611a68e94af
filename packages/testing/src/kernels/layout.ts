import fc from 'fast-check'
import { exact } from './bound.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'
import { anyShape, shapeWithAxes, shapeWithAxis, someShape } from './shapes.ts'

/** A kernel that only moves the elements of `x`. */
const moves = <C>(
  kernel: string,
  cases: fc.Arbitrary<C>,
  describe: (c: C) => { readonly shape: readonly number[]; readonly attrs: object },
  input = 'x',
): KernelSpec =>
  defineKernelSpec({
    kernel,
    cases,
    call: (c, fill): KernelCall => {
      const { shape: lengths, attrs } = describe(c)
      return { inputs: { [input]: fill.floats(lengths) }, attrs }
    },
    bound: exact,
    differentiable: [input],
  })

const perAxis = <T>(max: fc.Arbitrary<T>) =>
  someShape.chain((lengths) =>
    fc.record({
      shape: fc.constant(lengths),
      values: fc.array(max, { minLength: lengths.length, maxLength: lengths.length }),
    }),
  )

const pads = fc.tuple(fc.nat(2), fc.nat(2)) as fc.Arbitrary<[number, number]>

/** Where a slice begins and how long it is, axis by axis. */
const slices = someShape.chain((lengths) =>
  fc.tuple(...lengths.map((length) => fc.tuple(fc.nat(length - 1), fc.nat(length - 1)))).map((ends) => ({
    shape: lengths,
    begin: ends.map(([a, b]) => Math.min(a, b)),
    size: ends.map(([a, b]) => Math.abs(a - b) + 1),
    flipped: ends.map(([a, b]) => b < a),
  })),
)

const blocks = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  block: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
  cells: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  channels: fc.integer({ min: 1, max: 3 }),
  before: fc.tuple(fc.nat(1), fc.nat(1)),
})

const pieces = fc.record({ at: shapeWithAxis, count: fc.integer({ min: 1, max: 3 }) })

/** Kernels that move, repeat or leave out elements, or make them from nothing. */
export const layoutSpecs: readonly KernelSpec[] = [
  moves('Reshape', anyShape, (lengths) => ({
    shape: lengths,
    attrs: { shape: [...lengths].reverse() },
  })),
  moves(
    'ExpandDims',
    shapeWithAxis,
    ({ shape: lengths, axis }) => ({ shape: lengths, attrs: { dim: axis } }),
    'input',
  ),
  moves(
    'Transpose',
    someShape.chain((lengths) =>
      fc.record({
        shape: fc.constant(lengths),
        perm: fc.shuffledSubarray([...lengths.keys()], { minLength: lengths.length }),
      }),
    ),
    ({ shape: lengths, perm }) => ({ shape: lengths, attrs: { perm } }),
  ),
  moves('Reverse', shapeWithAxes, ({ shape: lengths, axes }) => ({ shape: lengths, attrs: { dims: axes } })),
  moves('Tile', perAxis(fc.integer({ min: 1, max: 3 })), ({ shape: lengths, values }) => ({
    shape: lengths,
    attrs: { reps: values },
  })),
  moves('PadV2', perAxis(pads), ({ shape: lengths, values }) => ({
    shape: lengths,
    attrs: { paddings: values, constantValue: 0.5 },
  })),
  moves(
    'MirrorPad',
    fc.record({ padded: perAxis(pads), mode: fc.constantFrom('reflect', 'symmetric') }),
    ({ padded: { shape: lengths, values }, mode }) => {
      const most = (length: number) => length - (mode === 'reflect' ? 1 : 0)
      return {
        shape: lengths,
        attrs: {
          mode,
          paddings: values.map((pad, axis) => pad.map((p) => Math.min(p, most(lengths[axis]!)))),
        },
      }
    },
  ),
  moves('Slice', slices, ({ shape: lengths, begin, size }) => ({ shape: lengths, attrs: { begin, size } })),
  moves('StridedSlice', slices, ({ shape: lengths, begin, size, flipped }) => {
    const ends = begin.map((from, axis) => from + size[axis]!)
    const backwards = (axis: number) => flipped[axis] && begin[axis]! > 0
    return {
      shape: lengths,
      attrs: {
        begin: begin.map((from, axis) => (backwards(axis) ? ends[axis]! - 1 : from)),
        end: ends.map((end, axis) => (backwards(axis) ? begin[axis]! - 1 : end)),
        strides: begin.map((_, axis) => (backwards(axis) ? -1 : 2)),
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    }
  }),
  moves('SpaceToBatchND', blocks, ({ batch, block, cells, channels, before }) => {
    const sides = cells.map((count, axis) => Math.max(1, count * block[axis]! - before[axis]!))
    const paddings = sides.map((side, axis) => [
      before[axis]!,
      (block[axis]! - ((side + before[axis]!) % block[axis]!)) % block[axis]!,
    ])
    return { shape: [batch, ...sides, channels], attrs: { blockShape: block, paddings } }
  }),
  moves('BatchToSpaceND', blocks, ({ batch, block, cells, channels, before }) => {
    const crops = cells.map((count, axis) => [Math.min(before[axis]!, count * block[axis]! - 1), 0])
    return { shape: [batch * block[0] * block[1], ...cells, channels], attrs: { blockShape: block, crops } }
  }),
  moves(
    'Unpack',
    shapeWithAxis,
    ({ shape: lengths, axis }) => ({ shape: lengths, attrs: { axis } }),
    'value',
  ),
  moves(
    'SplitV',
    fc.record({
      at: shapeWithAxis,
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    }),
    ({ at: { shape: lengths, axis }, sizes }) => ({
      shape: lengths.with(
        axis,
        sizes.reduce((sum, size) => sum + size, 0),
      ),
      attrs: { axis, numOrSizeSplits: sizes },
    }),
  ),
  defineKernelSpec({
    kernel: 'Concat',
    cases: fc.record({
      at: shapeWithAxis,
      sizes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    }),
    call: ({ at: { shape: lengths, axis }, sizes }, fill) => ({
      inputs: Object.fromEntries(sizes.map((size, i) => [i, fill.floats(lengths.with(axis, size))])),
      attrs: { axis },
    }),
    bound: exact,
    differentiable: ['0', '1'],
  }),
  defineKernelSpec({
    kernel: 'Pack',
    cases: pieces,
    call: ({ at: { shape: lengths, axis }, count }, fill) => ({
      inputs: Object.fromEntries(Array.from({ length: count }, (_, i) => [i, fill.floats(lengths)])),
      attrs: { axis },
    }),
    bound: exact,
    differentiable: ['0', '1'],
  }),
  defineKernelSpec({
    kernel: 'Fill',
    cases: fc.record({ shape: anyShape, dtype: fc.constantFrom('float32', 'int32') }),
    call: ({ shape: lengths, dtype }) => ({ inputs: {}, attrs: { shape: lengths, value: -3, dtype } }),
    bound: exact,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'Range',
    cases: fc.record({
      start: fc.integer({ min: -5, max: 5 }),
      count: fc.integer({ min: 1, max: 9 }),
      step: fc.constantFrom(-2, -1, 1, 3),
      dtype: fc.constantFrom('float32', 'int32'),
    }),
    call: ({ start, count, step, dtype }) => ({
      inputs: {},
      attrs: { start, stop: start + count * step, step, dtype },
    }),
    bound: exact,
    specials: false,
  }),
]
