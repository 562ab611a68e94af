import type { LayerContext, Tensor4D } from '@limbeck/core'
import { type Activation, activate } from './activation.ts'
import type { Norm } from './norm.ts'

/** Normalises, if there is a norm, and activates; in one kernel where the two can be fused. */
export function normAct(
  x: Tensor4D,
  norm: Norm | undefined,
  activation: Activation,
  context: LayerContext,
): Tensor4D {
  if (!norm) return activate(x, activation)
  if (activation === 'relu') return norm.forward(x, context, { relu: true })
  return activate(norm.forward(x, context), activation)
}
