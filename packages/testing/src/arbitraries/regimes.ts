import type { Random } from '@limbeck/core'
import fc from 'fast-check'

/** Kinds of values that find different faults; the last is for logits only. */
export const regimes = ['integers', 'normal', 'wide-range', 'constant', 'one-hot', 'extreme-logits'] as const
export type Regime = (typeof regimes)[number]

/** Labels: any class anywhere, a single class, a part ignored, nothing left. */
export const labelRegimes = ['uniform', 'one-class', 'some-ignored', 'all-ignored'] as const
export type LabelRegime = (typeof labelRegimes)[number]

export const regime = (...among: readonly Regime[]): fc.Arbitrary<Regime> =>
  fc.constantFrom(...(among.length > 0 ? among : regimes))

export const labelRegime = (): fc.Arbitrary<LabelRegime> => fc.constantFrom(...labelRegimes)

/** Magnitude of extreme logits: far beyond where exp overflows in float32. */
const EXTREME_LOGIT = 1e4
const IGNORED_SHARE = 0.3

/**
 * Values of a regime, in row-major order. `integers` lie in −largest..largest (see `largestExactInteger`);
 * `wide-range` covers 1e-4 to 1e4 of either sign; `one-hot` has a single 1 along the last axis.
 */
export function fillValues(
  kind: Regime,
  shape: readonly number[],
  random: Random,
  { largest = 8 }: { readonly largest?: number } = {},
): Float32Array {
  const values = new Float32Array(sizeOf(shape))
  switch (kind) {
    case 'integers':
      return values.map(() => random.integer(2 * largest + 1) - largest)
    case 'normal':
      return values.map(() => random.normal())
    case 'wide-range':
      return values.map(() => (random.chance(0.5) ? 1 : -1) * 10 ** random.uniform(-4, 4))
    case 'constant':
      return values.fill(random.normal())
    case 'extreme-logits':
      return values.map(() => random.pick([-EXTREME_LOGIT, 0, EXTREME_LOGIT]))
    case 'one-hot': {
      const classes = shape.at(-1) ?? 1
      for (let row = 0; row < values.length; row += classes) values[row + random.integer(classes)] = 1
      return values
    }
  }
}

/** Class ids below `classes`, with `ignoreLabel` where the regime says so. */
export function fillLabels(
  kind: LabelRegime,
  shape: readonly number[],
  random: Random,
  { classes, ignoreLabel = 255 }: { readonly classes: number; readonly ignoreLabel?: number },
): Int32Array {
  const only = random.integer(classes)
  const draw: Record<LabelRegime, () => number> = {
    uniform: () => random.integer(classes),
    'one-class': () => only,
    'some-ignored': () => (random.chance(IGNORED_SHARE) ? ignoreLabel : random.integer(classes)),
    'all-ignored': () => ignoreLabel,
  }
  return new Int32Array(sizeOf(shape)).map(draw[kind])
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)
