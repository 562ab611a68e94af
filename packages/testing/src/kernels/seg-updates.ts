import fc from 'fast-check'
import { shape } from '../arbitraries/shapes.ts'
import { largest } from './bound.ts'
import type { Fill, TensorData } from './fill.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'

/** Some ten operations an element. */
const UPDATE = largest(32)

const parameters = fc.record({
  shapes: fc.array(shape({ maxRank: 3 }), { minLength: 1, maxLength: 3 }),
  scaled: fc.boolean(),
})

const numbered = (letter: string, tensors: readonly TensorData[]): Record<string, TensorData> =>
  Object.fromEntries(tensors.map((tensor, i) => [`${letter}${i}`, tensor]))

const floats = (shapes: readonly number[][], fill: Fill) => shapes.map((lengths) => fill.finite(lengths))

/** One rate and one decay a parameter, all different, and such as float32 holds: tfjs rounds literals to it. */
const groups = (count: number) => ({
  count,
  learningRates: Array.from({ length: count }, (_, i) => 2 ** -(i + 1)),
  weightDecays: Array.from({ length: count }, (_, i) => 0.25 * i),
})

const changed =
  (...letters: readonly string[]) =>
  ({ inputs }: KernelCall): string[] =>
    Object.keys(inputs).filter((name) => letters.includes(name.replace(/\d+$/, '')))

const gradScale = (scaled: boolean, fill: Fill) => (scaled ? { gradScale: fill.within(0.5, 2, []) } : {})

/** Our coarse kernels that change parameters in place. */
export const segUpdateSpecs: readonly KernelSpec[] = [
  defineKernelSpec({
    kernel: 'SegLerp',
    cases: shape({ maxRank: 3 }),
    call: (lengths, fill) => ({
      inputs: { target: fill.finite(lengths), source: fill.finite(lengths) },
      attrs: { rate: 0.25, scale: 1.5 },
    }),
    bound: UPDATE,
    changes: () => ['target'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegSgd',
    cases: fc.record({
      parameters,
      momentum: fc.constantFrom(0, 0.75),
      nesterov: fc.boolean(),
      first: fc.boolean(),
    }),
    call: ({ parameters: { shapes, scaled }, momentum, nesterov, first }, fill) => ({
      inputs: {
        ...numbered('p', floats(shapes, fill)),
        ...numbered('g', floats(shapes, fill)),
        ...(momentum > 0 ? numbered('m', floats(shapes, fill)) : {}),
        ...gradScale(scaled, fill),
      },
      attrs: { ...groups(shapes.length), momentum, nesterov: nesterov && momentum > 0, first },
    }),
    bound: UPDATE,
    changes: changed('p', 'm'),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegAdam',
    cases: fc.record({ parameters, decoupled: fc.boolean(), step: fc.integer({ min: 1, max: 5 }) }),
    call: ({ parameters: { shapes, scaled }, decoupled, step }, fill) => ({
      inputs: {
        ...numbered('p', floats(shapes, fill)),
        ...numbered('g', floats(shapes, fill)),
        ...numbered('m', floats(shapes, fill)),
        ...numbered(
          'v',
          shapes.map((lengths) => fill.within(0, 4, lengths)),
        ),
        ...gradScale(scaled, fill),
      },
      attrs: { ...groups(shapes.length), beta1: 0.875, beta2: 0.96875, epsilon: 0.0625, step, decoupled },
    }),
    bound: UPDATE,
    changes: changed('p', 'm', 'v'),
    specials: false,
  }),
]
