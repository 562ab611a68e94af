import { defineLoss, type Inputs, type Kinds, type Loss, tf } from '@limbeck/core'

/** Any loss; its type of inputs is read from its spec. */
interface AnyLoss {
  readonly spec: { readonly name: string; readonly inputs: Kinds }
}
type All<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer A) => void ? A : never
type Joined<L extends readonly AnyLoss[]> = All<L[number]['spec']['inputs']> & Kinds

/**
 * The weighted sum of losses that share inputs by name, as one loss: `sumOfLosses([dice(), focal()])`. Weights
 * default to 1 each. Where the log should show the parts, use one term for each instead.
 */
export function sumOfLosses<const L extends readonly AnyLoss[]>(
  losses: L,
  weights: readonly number[] = losses.map(() => 1),
): Loss<Joined<L>> {
  const parts = losses as unknown as readonly Loss[]
  const names = parts.map(({ spec }) => spec.name).join(' + ')
  return defineLoss({
    name: names,
    summary: `Weighted sum of ${names}.`,
    inputs: Object.assign({}, ...parts.map(({ spec }) => spec.inputs)) as Joined<L>,
    options: {},
    compute(given) {
      const values = parts.map((loss, i) => tf.mul(loss(only(loss.spec.inputs, given)), weights[i]!))
      return tf.addN(values)
    },
  })()
}

const only = (kinds: Kinds, given: object): Inputs<Kinds> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => name in kinds)) as Inputs<Kinds>
