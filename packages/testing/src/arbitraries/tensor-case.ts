import fc from 'fast-check'
import { type Regime, regimes } from './regimes.ts'

/** A test case that says how to make its data instead of holding it, so that it prints and shrinks small. */
export interface TensorCase<S, A> {
  readonly shape: S
  readonly attrs: A
  readonly regime: Regime
  readonly seed: number
}

/** `{ shape, attrs, regime, seed }`; fill the data with `fillValues(regime, shape, new Random(seed))`. */
export const tensorCase = <S, A>({
  shape,
  attrs,
  among = regimes,
}: {
  readonly shape: fc.Arbitrary<S>
  readonly attrs: fc.Arbitrary<A>
  readonly among?: readonly Regime[]
}): fc.Arbitrary<TensorCase<S, A>> =>
  fc.record({ shape, attrs, regime: fc.constantFrom(...among), seed: seed() })

/** Seeds for `new Random(seed)`; they shrink to 0. */
export const seed = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** 31 - 1 })
