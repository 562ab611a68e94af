import { type Scalar, type Tensor, tf } from '@limbeck/core'
import type { TensorsByName } from './tensors-by-name.ts'

/**
 * What EWC, path integral and Riemannian walk add to the loss: `Σ_θ Ω (θ − θ*)²` over the parameters that have an
 * importance Ω, with θ* their values after the previous task. There is no factor ½, as in MiB's code.
 *
 * For a `parameterTerm`. 0 when no parameter has an importance.
 */
export function importancePenalty(
  parameters: TensorsByName,
  { anchors, importance }: { readonly anchors: TensorsByName; readonly importance: TensorsByName },
): Scalar {
  const terms: Tensor[] = []
  for (const [name, omega] of importance) {
    const parameter = parameters.get(name)
    const anchor = anchors.get(name)
    if (parameter && anchor) terms.push(tf.sum(tf.mul(omega, tf.squaredDifference(parameter, anchor))))
  }
  return terms.length === 0 ? tf.scalar(0) : (tf.addN(terms) as Scalar)
}
