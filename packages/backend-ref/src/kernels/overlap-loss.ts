import { type OverlapLossAttrs, SMALLEST_BASE } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

type Sums = Inputs<'intersection' | 'predicted' | 'actual'>

/** A region that the mean runs over: where its sums are, its error W, and the denominator of its loss. */
interface Region {
  readonly at: number
  readonly wrong: number
  readonly size: number
}

/** The regions that have a loss, and how many losses the mean divides by. */
function regionsOf(
  inputs: Sums,
  { alpha, beta, smooth, includeBackground, absent }: OverlapLossAttrs,
  backend: RefBackend,
): { readonly regions: readonly Region[]; readonly count: number } {
  const classes = inputs.actual.shape[1]!
  const intersection = backend.values(inputs.intersection)
  const predicted = backend.values(inputs.predicted)
  const actual = backend.values(inputs.actual)
  const regions: Region[] = []
  let count = 0
  for (let at = 0; at < actual.length; at++) {
    if (at % classes === 0 && !includeBackground) continue
    const takesPart = absent === 'count' || actual[at]! > 0
    if (takesPart || absent === 'zero') count++
    if (!takesPart) continue
    const overlap = intersection[at]!
    const wrong = alpha * (predicted[at]! - overlap) + beta * (actual[at]! - overlap)
    regions.push({ at, wrong, size: wrong + overlap + smooth })
  }
  return { regions, count: Math.max(count, 1) }
}

/** x^gamma, see `OverlapLossAttrs`. */
function power(x: number, gamma: number): number {
  if (gamma >= 1) return x ** gamma
  return x > 0 ? Math.max(x, SMALLEST_BASE) ** gamma : 0
}

/** The derivative of `power` by x. */
function slopeOfPower(x: number, gamma: number): number {
  if (gamma === 1) return 1
  return gamma < 1 && x < SMALLEST_BASE ? 0 : gamma * x ** (gamma - 1)
}

const overlapLoss: RefKernel<Sums, OverlapLossAttrs> = (inputs, attrs, backend) => {
  const { regions, count } = regionsOf(inputs, attrs, backend)
  const { info, values } = backend.allocate([], 'float32')
  values[0] = regions.reduce((sum, { wrong, size }) => sum + power(wrong / size, attrs.gamma), 0) / count
  return info
}

const overlapLossGrad: RefKernel<Sums & Inputs<'dy'>, OverlapLossAttrs> = (inputs, attrs, backend) => {
  const { alpha, beta, gamma } = attrs
  const { regions, count } = regionsOf(inputs, attrs, backend)
  const share = backend.values(inputs.dy)[0]! / count
  const dIntersection = backend.allocate(inputs.intersection.shape, 'float32')
  const dPredicted = backend.allocate(inputs.predicted.shape, 'float32')
  for (const { at, wrong, size } of regions) {
    const slope = (share * slopeOfPower(wrong / size, gamma)) / size ** 2
    const right = size - wrong // d (W / size) = (right dW − W d(right)) / size²
    dIntersection.values[at] = -slope * ((alpha + beta) * right + wrong)
    dPredicted.values[at] = slope * alpha * right
  }
  return [dIntersection.info, dPredicted.info]
}

export const overlapLossKernels = {
  SegOverlapLoss: overlapLoss,
  SegOverlapLossGrad: overlapLossGrad,
} satisfies KernelTable
