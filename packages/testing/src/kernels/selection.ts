import fc from 'fast-check'
import { shape } from '../arbitraries/shapes.ts'
import { exact, sums } from './bound.ts'
import type { TensorData } from './fill.ts'
import { defineKernelSpec, type KernelSpec } from './kernel-spec.ts'
import { anyShape, someShape } from './shapes.ts'

const inner = shape({ minRank: 0, maxRank: 2, maxLength: 3 })

/** Four points of a 3 × 2 grid, none twice, so that the order of writing does not matter. */
const POINTS: TensorData = { shape: [4, 2], values: Int32Array.of(0, 1, 2, 0, 0, 0, 1, 1), dtype: 'int32' }

/** Kernels that pick elements by condition, by index or by rank. */
export const selectionSpecs: readonly KernelSpec[] = [
  defineKernelSpec({
    kernel: 'Select',
    cases: anyShape,
    call: (lengths, fill) => ({
      inputs: { condition: fill.bools(lengths), t: fill.floats(lengths), e: fill.floats(lengths) },
      attrs: {},
    }),
    bound: exact,
    differentiable: ['t', 'e'],
  }),
  defineKernelSpec({
    kernel: 'GatherV2',
    cases: fc.record({ lengths: someShape, picked: inner, at: fc.nat(3), batch: fc.nat(3) }),
    call: ({ lengths, picked, at, batch }, fill) => {
      const axis = at % lengths.length
      const batchDims = batch % (axis + 1)
      const indices = fill.indices(lengths[axis]!, [...lengths.slice(0, batchDims), ...picked])
      return { inputs: { x: fill.floats(lengths), indices }, attrs: { axis, batchDims } }
    },
    bound: exact,
    differentiable: ['x'],
  }),
  defineKernelSpec({
    kernel: 'GatherNd',
    cases: fc.record({ inner, picked: inner }),
    call: ({ inner: lengths, picked }, fill) => ({
      inputs: { params: fill.floats([3, 3, ...lengths]), indices: fill.indices(3, [...picked, 2]) },
      attrs: {},
    }),
    bound: exact,
    differentiable: ['params'],
  }),
  defineKernelSpec({
    kernel: 'ScatterNd',
    cases: inner,
    call: (lengths, fill) => ({
      inputs: { indices: POINTS, updates: fill.floats([4, ...lengths]) },
      attrs: { shape: [3, 2, ...lengths] },
    }),
    bound: exact,
    differentiable: ['updates'],
  }),
  defineKernelSpec({
    kernel: 'OneHot',
    cases: fc.record({
      lengths: anyShape,
      depth: fc.integer({ min: 1, max: 5 }),
      dtype: fc.constantFrom('float32', 'int32'),
    }),
    call: ({ lengths, depth, dtype }, fill) => ({
      inputs: { indices: fill.indices(depth, lengths, { outside: true }) },
      attrs: { depth, onValue: 2, offValue: -1, dtype },
    }),
    bound: exact,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'TopK',
    cases: fc.record({ lengths: someShape, rank: fc.nat(200) }),
    call: ({ lengths, rank }, fill) => ({
      inputs: { x: fill.floats(lengths) },
      attrs: { k: 1 + (rank % lengths.at(-1)!), sorted: true },
    }),
    bound: exact,
    differentiable: ['x'],
    // tfjs leaves the place of NaN open
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'UnsortedSegmentSum',
    cases: fc.record({ lengths: someShape, numSegments: fc.integer({ min: 1, max: 4 }) }),
    call: ({ lengths, numSegments }, fill) => ({
      inputs: {
        x: fill.floats(lengths),
        segmentIds: fill.indices(numSegments, [lengths[0]!], { outside: true }),
      },
      attrs: { numSegments },
    }),
    bound: sums(({ inputs: { x } }) => x!.shape[0]!),
    differentiable: ['x'],
  }),
]
