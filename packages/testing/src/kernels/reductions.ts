import fc from 'fast-check'
import { type Bound, exact, largest, sums, weightedSums } from './bound.ts'
import type { TensorData } from './fill.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'
import { shapeWithAxes, shapeWithAxis } from './shapes.ts'

/** How many elements of the input make one of the output. */
const reduced = ({ inputs: { x }, attrs }: KernelCall): number => {
  const { axis, reductionIndices } = attrs as { axis?: number[] | number; reductionIndices?: number[] }
  return [reductionIndices ?? axis ?? []].flat().reduce((count, at) => count * x!.shape[at]!, 1)
}

interface Reduction {
  readonly bound?: Bound
  readonly attribute?: 'axis' | 'reductionIndices'
  readonly bools?: boolean
  readonly smooth?: boolean
  /** Keeps products from overflowing. */
  readonly draw?: (shape: readonly number[], fill: Parameters<KernelSpec['call']>[1]) => TensorData
}

const reduction = (
  kernel: string,
  { bound = exact, attribute = 'axis', bools = false, smooth = true, draw }: Reduction = {},
): KernelSpec =>
  defineKernelSpec({
    kernel,
    cases: shapeWithAxes,
    call: ({ shape, axes, keepDims }, fill) => ({
      inputs: { x: bools ? fill.bools(shape) : (draw?.(shape, fill) ?? fill.floats(shape)) },
      attrs: { [attribute]: axes, keepDims },
    }),
    bound,
    ...(smooth ? { differentiable: ['x'] } : {}),
    specials: !bools && draw === undefined,
  })

const along = (kernel: string): KernelSpec =>
  defineKernelSpec({
    kernel,
    cases: shapeWithAxis,
    call: ({ shape, axis }, fill) => ({ inputs: { x: fill.floats(shape) }, attrs: { axis } }),
    bound: exact,
    // which index NaN has is left open by tfjs
    specials: false,
  })

/** Kernels that make one value of many. */
export const reductionSpecs: readonly KernelSpec[] = [
  reduction('All', { bools: true, smooth: false }),
  reduction('Any', { bools: true, smooth: false }),
  reduction('Max', { attribute: 'reductionIndices' }),
  reduction('Mean', { bound: weightedSums(reduced) }),
  reduction('Min'),
  reduction('Prod', { bound: largest(512), draw: (shape, fill) => fill.within(0.8, 1.25, shape) }),
  reduction('Sum', { bound: sums(reduced) }),
  along('ArgMax'),
  along('ArgMin'),
  defineKernelSpec({
    kernel: 'Cumsum',
    cases: fc.record({ at: shapeWithAxis, exclusive: fc.boolean(), reverse: fc.boolean() }),
    call: ({ at: { shape, axis }, exclusive, reverse }, fill) => ({
      inputs: { x: fill.floats(shape) },
      attrs: { axis, exclusive, reverse },
    }),
    bound: sums(reduced),
    differentiable: ['x'],
    specials: false,
  }),
]
