import { EXCLUDED, UNMATCHED } from '@limbeck/core'
import fc from 'fast-check'
import { mapShape } from '../arbitraries/shapes.ts'
import { entry, exact, largest } from './bound.ts'
import type { Fill, TensorData } from './fill.ts'
import { defineKernelSpec, type KernelSpec } from './kernel-spec.ts'

const IGNORED = 255

/** Roundings of a log-sum-exp, a few products, and a sum over up to eight classes. */
const PER_PIXEL = largest(256)

const pixels = mapShape({ maxSide: 4, maxChannels: 5 })

// numbers that float32 holds: tfjs rounds literals to it
const crossEntropies = fc
  .record({
    shape: pixels,
    form: fc.oneof(
      fc.record({
        gamma: fc.constantFrom(0, 0.5, 1, 2, 3),
        smoothing: fc.constant(0),
        folded: fc.nat(4),
      }),
      fc.record({ gamma: fc.constant(0), smoothing: fc.constantFrom(0.25, 0.875), folded: fc.constant(0) }),
    ),
    weighted: fc.boolean(),
  })
  .map(({ shape, weighted, form: { folded, ...form } }) => ({
    shape,
    weighted,
    attrs: {
      ...form,
      ignoreLabel: IGNORED,
      groups: Array.from({ length: shape[3] }, (_, c) => (c < Math.min(folded, shape[3]) ? 0 : c)),
    },
  }))

type CrossEntropy = typeof crossEntropies extends fc.Arbitrary<infer C> ? C : never

const labelled = ({ shape, weighted }: CrossEntropy, fill: Fill) => ({
  logits: fill.floats(shape),
  labels: fill.labels(shape[3], shape.slice(0, 3)),
  ...(weighted ? { classWeights: fill.within(0, 2, [shape[3]]) } : {}),
})

const divergences = fc
  .record({
    shape: pixels,
    added: fc.integer({ min: 0, max: 3 }),
    group: fc.constantFrom(0, UNMATCHED, EXCLUDED),
    form: fc.constantFrom('ce', 'kl'),
    focus: fc.oneof(
      fc.record({
        modulator: fc.constantFrom('none', 'abs', 'relu'),
        gamma: fc.constantFrom(0, 0.5, 1, 2, 3),
      }),
      // a negative base has whole powers only
      fc.record({ modulator: fc.constant('raw'), gamma: fc.constantFrom(1, 2, 3) }),
    ),
    detachModulator: fc.boolean(),
    temperature: fc.constantFrom(0.5, 1, 4),
    teacherScale: fc.constantFrom(1, 2),
  })
  .map(({ shape, added, group, focus, ...attrs }) => ({
    teacherShape: shape,
    studentShape: [...shape.slice(0, 3), shape[3] + added],
    attrs: {
      ...attrs,
      ...focus,
      groups: Array.from({ length: shape[3] + added }, (_, c) => (c < shape[3] ? c : group)),
    },
  }))

const regions = fc.record({ shape: pixels, squared: fc.boolean() })

const overlaps = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 5 })),
  present: fc.integer({ min: 0, max: 15 }),
  attrs: fc.record({
    alpha: fc.constantFrom(0.25, 0.5, 1),
    beta: fc.constantFrom(0.5, 0.75, 1),
    smooth: fc.constantFrom(0.125, 1),
    gamma: fc.constantFrom(0.5, 1, 2),
    includeBackground: fc.boolean(),
    absent: fc.constantFrom('count', 'skip', 'zero'),
  }),
})

type Overlap = typeof overlaps extends fc.Arbitrary<infer O> ? O : never

/** Sums as regions have them: none below the intersection, and no label outside the first `present` regions. */
function regionSums({ shape, present }: Overlap, fill: Fill) {
  const ofPresent = (sums: TensorData) => ({
    ...sums,
    values: sums.values.map((sum, region) => (region < present ? sum : 0)),
  })
  return {
    intersection: ofPresent(fill.within(0, 1, shape)),
    predicted: fill.within(1, 3, shape),
    actual: ofPresent(fill.within(1, 3, shape)),
  }
}

/** Our coarse kernels on scores and labels. */
export const segLossSpecs: readonly KernelSpec[] = [
  defineKernelSpec({
    kernel: 'SegSoftmaxCrossEntropy',
    cases: crossEntropies,
    call: (c, fill) => ({ inputs: labelled(c, fill), attrs: c.attrs }),
    bound: PER_PIXEL,
    differentiable: ['logits'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegSoftmaxCrossEntropyGrad',
    cases: crossEntropies,
    call: (c, fill) => ({
      inputs: { dy: fill.finite(c.shape.slice(0, 3)), ...labelled(c, fill) },
      attrs: c.attrs,
    }),
    bound: PER_PIXEL,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegSoftmaxDivergence',
    cases: divergences,
    call: ({ studentShape, teacherShape, attrs }, fill) => ({
      inputs: { student: fill.floats(studentShape), teacher: fill.floats(teacherShape) },
      attrs,
    }),
    bound: PER_PIXEL,
    differentiable: ['student'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegSoftmaxDivergenceGrad',
    cases: divergences,
    call: ({ studentShape, teacherShape, attrs }, fill) => ({
      inputs: {
        dy: fill.finite(teacherShape.slice(0, 3)),
        student: fill.floats(studentShape),
        teacher: fill.floats(teacherShape),
      },
      attrs,
    }),
    bound: PER_PIXEL,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegRegionSums',
    cases: regions,
    call: ({ shape, squared }, fill) => ({
      inputs: { logits: fill.floats(shape), labels: fill.labels(shape[3], shape.slice(0, 3)) },
      attrs: { ignoreLabel: IGNORED, squared },
    }),
    bound: PER_PIXEL,
    differentiable: ['logits'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegRegionSumsGrad',
    cases: regions,
    call: ({ shape, squared }, fill) => ({
      inputs: {
        dIntersection: fill.finite([shape[0], shape[3]]),
        dPredicted: fill.finite([shape[0], shape[3]]),
        logits: fill.floats(shape),
        labels: fill.labels(shape[3], shape.slice(0, 3)),
      },
      attrs: { ignoreLabel: IGNORED, squared },
    }),
    bound: PER_PIXEL,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegOverlapLoss',
    cases: overlaps,
    call: (c, fill) => ({ inputs: regionSums(c, fill), attrs: c.attrs }),
    bound: PER_PIXEL,
    differentiable: ['intersection', 'predicted'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegOverlapLossGrad',
    cases: overlaps,
    call: (c, fill) => ({ inputs: { dy: fill.finite([]), ...regionSums(c, fill) }, attrs: c.attrs }),
    bound: PER_PIXEL,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegConfusion',
    cases: pixels,
    call: (shape, fill) => ({
      inputs: {
        predicted: fill.indices(shape[3], shape.slice(0, 3)),
        labels: fill.labels(shape[3], shape.slice(0, 3)),
      },
      attrs: { classes: shape[3], ignoreLabel: IGNORED },
    }),
    bound: exact,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegGlobalNorm',
    cases: fc.array(pixels, { minLength: 1, maxLength: 3 }),
    call: (shapes, fill) => ({
      inputs: Object.fromEntries(shapes.map((shape, i) => [`g${i}`, fill.floats(shape)])),
      attrs: { count: shapes.length },
    }),
    // half the error of a sum of up to 500 squares, and the root's
    bound: entry(128),
    specials: false,
  }),
]
