import type { Random, Tensor } from '@limbeck/core'
import type { GradcheckInput } from '@limbeck/testing'
import fc from 'fast-check'
import { run } from './check-gradient.ts'
import { normal } from './points.ts'

/** How a fused kernel may end: an activation, with or without a bias. */

export const fusedEnd = fc.record({
  activation: fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'),
  hasBias: fc.boolean(),
})
type FusedEnd = typeof fusedEnd extends fc.Arbitrary<infer E> ? E : never

/** Bias and slopes, those that are there. */
export function fusedInputs(
  { activation, hasBias }: FusedEnd,
  channels: number,
  random: Random,
): GradcheckInput[] {
  return [
    ...(hasBias ? [normal([channels], random)] : []),
    ...(activation === 'prelu' ? [normal([channels], random)] : []),
  ]
}

export function runFused(
  kernel: string,
  inputs: Record<string, Tensor | undefined>,
  rest: Tensor[],
  { activation, hasBias }: FusedEnd,
  attrs: object,
): Tensor {
  const optional = {
    ...(hasBias ? { bias: rest[0] } : {}),
    ...(activation === 'prelu' ? { preluActivationWeights: rest.at(-1) } : {}),
  }
  return run(kernel, { ...inputs, ...optional }, { activation, leakyreluAlpha: 0.3, ...attrs })
}
