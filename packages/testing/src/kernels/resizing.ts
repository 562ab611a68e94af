import { type ResizeCase, resizeCase } from '../arbitraries/resizing.ts'
import { exact, sums, weightedSums } from './bound.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'

const slopesShape = ({ inputShape: [n, , , channels], size }: ResizeCase) => [n, ...size, channels]
const sampling = ({ alignCorners, halfPixelCenters }: ResizeCase) => ({ alignCorners, halfPixelCenters })

/** A pixel of the input takes part in no more outputs than there are. */
const outputs = ({ inputs: { dy } }: KernelCall): number => dy!.shape[1]! * dy!.shape[2]!

const methods = [
  {
    stock: 'ResizeBilinear',
    ours: 'SegResizeBilinearGrad',
    bound: weightedSums(() => 4),
    adjoint: weightedSums(outputs),
  },
  { stock: 'ResizeNearestNeighbor', ours: 'SegResizeNearestGrad', bound: exact, adjoint: sums(outputs) },
] as const

/** Resizing and its adjoints. */
export const resizingSpecs: readonly KernelSpec[] = methods.flatMap(({ stock, ours, bound, adjoint }) => [
  defineKernelSpec({
    kernel: stock,
    cases: resizeCase(),
    call: (c, fill) => ({
      // an infinity times a weight of 0 is NaN or left out, as an implementation likes
      inputs: { images: fill.finite(c.inputShape) },
      attrs: { size: c.size, ...sampling(c) },
    }),
    bound,
    differentiable: ['images'],
    specials: false,
  }),
  defineKernelSpec({
    kernel: `${stock}Grad`,
    cases: resizeCase(),
    call: (c, fill) => ({
      inputs: { dy: fill.finite(slopesShape(c)), images: fill.finite(c.inputShape) },
      attrs: { size: c.size, ...sampling(c) },
    }),
    bound: adjoint,
    specials: false,
  }),
  defineKernelSpec({
    kernel: ours,
    cases: resizeCase(),
    call: (c, fill) => ({
      inputs: { dy: fill.finite(slopesShape(c)) },
      attrs: { inputShape: c.inputShape, ...sampling(c) },
    }),
    bound: adjoint,
    specials: false,
  }),
])
