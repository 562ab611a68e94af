import fc from 'fast-check'
import { type Bound, entry, exact, sums } from './bound.ts'
import type { Fill, TensorData } from './fill.ts'
import { defineKernelSpec, type KernelSpec } from './kernel-spec.ts'
import { anyShape, broadcastShapes } from './shapes.ts'

type Draw = (shape: readonly number[], fill: Fill) => TensorData

const floats: Draw = (shape, fill) => fill.floats(shape)
const bools: Draw = (shape, fill) => fill.bools(shape)
const integers: Draw = (shape, fill) => fill.integers(shape)
const within =
  (low: number, high: number): Draw =>
  (shape, fill) =>
    fill.within(low, high, shape)

interface Unary {
  readonly bound?: Bound
  readonly draw?: Draw
  readonly attrs?: object
  /** False for functions that are constant between their jumps, or not of floats. */
  readonly smooth?: boolean
}

const unary = (
  kernel: string,
  { bound = exact, draw = floats, attrs = {}, smooth = true }: Unary = {},
): KernelSpec =>
  defineKernelSpec({
    kernel,
    cases: anyShape,
    call: (shape, fill) => ({ inputs: { x: draw(shape, fill) }, attrs }),
    bound,
    ...(smooth ? { differentiable: ['x'] } : {}),
    specials: draw === floats,
  })

interface Binary {
  readonly bound?: Bound
  readonly a?: Draw
  readonly b?: Draw
  readonly smooth?: boolean
}

const binary = (
  kernel: string,
  { bound = exact, a = floats, b = floats, smooth = true }: Binary = {},
): KernelSpec =>
  defineKernelSpec({
    kernel,
    cases: broadcastShapes,
    call: (shapes, fill) => ({ inputs: { a: a(shapes.a, fill), b: b(shapes.b, fill) }, attrs: {} }),
    bound,
    ...(smooth ? { differentiable: ['a', 'b'] } : {}),
    specials: a === floats && b === floats,
  })

const jumps = { smooth: false } as const
const comparison = (kernel: string) => binary(kernel, jumps)
const logical = (kernel: string) => binary(kernel, { a: bools, b: bools, smooth: false })

/** Roundings of a function that is computed by one library call: its error, and the store. */
const LIBRARY = entry(4)
/** The same for one made of several calls. */
const COMPOSED = entry(8)

const positive = within(0.1, 4)
const moderate = within(-3, 3)

/** Kernels that treat each element by itself. */
export const elementwiseSpecs: readonly KernelSpec[] = [
  unary('Abs'),
  unary('Ceil', jumps),
  unary('ClipByValue', { attrs: { clipValueMin: -0.75, clipValueMax: 1.25 } }),
  unary('Cos', { bound: COMPOSED, draw: moderate }),
  unary('Elu', { bound: LIBRARY }),
  unary('Exp', { bound: LIBRARY, draw: moderate }),
  unary('Expm1', { bound: LIBRARY, draw: moderate }),
  unary('Floor', jumps),
  unary('Identity'),
  unary('IsFinite', jumps),
  unary('IsInf', jumps),
  unary('IsNan', jumps),
  unary('LeakyRelu', { bound: entry(2), attrs: { alpha: 0.3 } }),
  unary('Log', { bound: LIBRARY, draw: positive }),
  unary('Log1p', { bound: LIBRARY, draw: positive }),
  unary('LogicalNot', { draw: bools, smooth: false }),
  unary('Neg'),
  unary('OnesLike', jumps),
  unary('Reciprocal', { bound: entry(2), draw: positive }),
  unary('Relu'),
  unary('Relu6'),
  unary('Round', jumps),
  unary('Rsqrt', { bound: LIBRARY, draw: positive }),
  unary('Selu', { bound: COMPOSED }),
  unary('Sigmoid', { bound: COMPOSED, draw: moderate }),
  unary('Sign', jumps),
  unary('Sin', { bound: COMPOSED, draw: moderate }),
  unary('Softplus', { bound: COMPOSED, draw: moderate }),
  unary('Sqrt', { bound: entry(2), draw: positive }),
  unary('Square', { bound: entry(2) }),
  unary('Step', { attrs: { alpha: 0.25 }, smooth: false }),
  unary('Tanh', { bound: COMPOSED, draw: moderate }),
  unary('ZerosLike', jumps),
  binary('Add', { bound: entry(2) }),
  binary('FloorDiv', { a: integers, b: (shape, fill) => positiveIntegers(shape, fill), smooth: false }),
  binary('Maximum'),
  binary('Minimum'),
  binary('Mod', { a: integers, b: (shape, fill) => positiveIntegers(shape, fill), smooth: false }),
  binary('Multiply', { bound: entry(2) }),
  binary('Pow', { bound: entry(32), a: positive, b: moderate }),
  binary('RealDiv', { bound: LIBRARY, b: positive }),
  binary('SquaredDifference', { bound: LIBRARY }),
  binary('Sub', { bound: entry(2) }),
  comparison('Equal'),
  comparison('Greater'),
  comparison('GreaterEqual'),
  comparison('Less'),
  comparison('LessEqual'),
  comparison('NotEqual'),
  logical('LogicalAnd'),
  logical('LogicalOr'),
  defineKernelSpec({
    kernel: 'AddN',
    cases: fc.record({ shape: anyShape, count: fc.integer({ min: 1, max: 4 }) }),
    call: ({ shape, count }, fill) => ({
      inputs: Object.fromEntries(Array.from({ length: count }, (_, i) => [i, fill.floats(shape)])),
      attrs: {},
    }),
    bound: sums(({ inputs }) => Object.keys(inputs).length),
    differentiable: ['0', '1'],
  }),
  defineKernelSpec({
    kernel: 'Cast',
    cases: fc.record({
      shape: anyShape,
      from: fc.constantFrom('float32', 'int32', 'bool'),
      dtype: fc.constantFrom('float32', 'int32', 'bool'),
    }),
    call: ({ shape, from, dtype }, fill) => ({
      inputs: { x: { float32: floats, int32: integers, bool: bools }[from]!(shape, fill) },
      attrs: { dtype },
    }),
    bound: exact,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'EluGrad',
    cases: anyShape,
    call: (shape, fill) => ({ inputs: { dy: fill.floats(shape), y: fill.floats(shape) }, attrs: {} }),
    bound: LIBRARY,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'Prelu',
    cases: broadcastShapes.map(({ a, b }) =>
      a.length >= b.length ? { x: a, alpha: b } : { x: b, alpha: a },
    ),
    call: ({ x, alpha }, fill) => ({ inputs: { x: fill.floats(x), alpha: fill.finite(alpha) }, attrs: {} }),
    bound: entry(2),
    differentiable: ['x', 'alpha'],
  }),
]

const positiveIntegers: Draw = (shape, fill) => {
  const { values, ...rest } = fill.indices(5, shape)
  return { ...rest, values: values.map((value) => value + 1) }
}
