import fc from 'fast-check'
import { mapShape } from '../arbitraries/shapes.ts'
import { largest } from './bound.ts'
import type { Fill } from './fill.ts'
import { defineKernelSpec, type KernelSpec } from './kernel-spec.ts'
import { someShape } from './shapes.ts'

/** Roundings of an exponential, a sum, a quotient and what lies between. */
const SOFTMAX = largest(32)
/** Two passes over the data and some ten operations an element; sums of up to 128 elements. */
const STATISTICS = largest(256)

const vectors = (channels: number, fill: Fill) => ({
  scale: fill.within(0.5, 2, [channels]),
  offset: fill.within(-1, 1, [channels]),
})

const normalisations = fc.record({
  shape: mapShape({ maxSide: 5, maxChannels: 5 }).filter(([n, h, w]) => n * h * w > 1),
  relu: fc.boolean(),
})

/** Softmax and batch normalisation. */
export const normalisationSpecs: readonly KernelSpec[] = [
  ...(['Softmax', 'LogSoftmax'] as const).map((kernel) =>
    defineKernelSpec({
      kernel,
      cases: someShape,
      call: (shape, fill) => ({
        inputs: { logits: fill.floats(shape) },
        attrs: kernel === 'Softmax' ? { dim: shape.length - 1 } : { axis: shape.length - 1 },
      }),
      bound: SOFTMAX,
      differentiable: ['logits'],
    }),
  ),
  defineKernelSpec({
    kernel: 'FusedBatchNorm',
    cases: mapShape({ maxSide: 4, maxChannels: 5 }),
    call: (shape, fill) => ({
      inputs: {
        x: fill.floats(shape),
        mean: fill.within(-1, 1, [shape[3]]),
        variance: fill.within(0.5, 2, [shape[3]]),
        ...vectors(shape[3], fill),
      },
      attrs: { varianceEpsilon: 1e-3 },
    }),
    bound: largest(64),
    differentiable: ['x', 'mean', 'variance', 'scale', 'offset'],
  }),
  defineKernelSpec({
    kernel: 'SegBatchNormTrain',
    cases: normalisations,
    call: ({ shape, relu }, fill) => ({
      inputs: { x: fill.floats(shape), ...vectors(shape[3], fill) },
      attrs: { epsilon: 0.125, relu },
    }),
    bound: STATISTICS,
    differentiable: ['x', 'scale', 'offset'],
    differentiableOutputs: [0],
  }),
  defineKernelSpec({
    kernel: 'SegBatchNormTrainGrad',
    cases: normalisations,
    call: ({ shape, relu }, fill) => ({
      inputs: {
        dy: fill.finite(shape),
        x: fill.finite(shape),
        mean: fill.within(-0.5, 0.5, [shape[3]]),
        variance: fill.within(0.5, 2, [shape[3]]),
        ...vectors(shape[3], fill),
      },
      attrs: { epsilon: 0.125, relu },
    }),
    bound: STATISTICS,
    specials: false,
  }),
]
