import type { TensorInfo } from '@limbeck/core'
import { broadcastStrides, type FusedActivation, unknownActivation } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import { rowsOf } from './strided.ts'

/** Writes the activation of float64 `sums` of a given shape to `target`. */
export function activate(
  backend: RefBackend,
  sums: Values,
  shape: readonly number[],
  { activation = 'linear', leakyreluAlpha = 0.2, preluActivationWeights }: FusedActivation,
  target: Values,
): void {
  if (activation === 'prelu' && preluActivationWeights) {
    prelu(backend, sums, shape, preluActivationWeights, target)
    return
  }
  const compute = elementwise(activation, leakyreluAlpha)
  for (let i = 0; i < sums.length; i++) target[i] = compute(sums[i]!)
}

function elementwise(activation: string, alpha: number): (x: number) => number {
  switch (activation) {
    case 'linear':
      return (x) => x
    case 'relu':
      return (x) => Math.max(x, 0)
    case 'relu6':
      return (x) => Math.min(Math.max(x, 0), 6)
    case 'elu':
      return (x) => (x >= 0 ? x : Math.expm1(x))
    case 'sigmoid':
      return (x) => 1 / (1 + Math.exp(-x))
    case 'leakyrelu':
      return (x) => (x < 0 ? alpha * x : x)
    default:
      throw unknownActivation(activation)
  }
}

function prelu(
  backend: RefBackend,
  sums: Values,
  shape: readonly number[],
  slopes: TensorInfo,
  target: Values,
): void {
  const slope = backend.values(slopes)
  const { starts, step, length } = rowsOf(shape, broadcastStrides(slopes.shape, shape))
  let at = 0
  for (const start of starts) {
    for (let i = 0, from = start; i < length; i++, from += step, at++) {
      target[at] = sums[at]! < 0 ? slope[from]! * sums[at]! : sums[at]!
    }
  }
}
