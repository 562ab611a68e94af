import { ConfigError } from '@limbeck/core'

/**
 * Weight functions of the class-imbalance thesis (§4.4), in its order ① to ⑥; p[c] is the share of class c, bg the
 * background:
 * - `uniform` ①: 1;
 * - `inverse` ②: 1 / p[c];
 * - `growing-exponential` ③: e^(+e p[c]); the thesis names it without giving its formula, this is its reading by
 *   symmetry with ④;
 * - `decaying-exponential` ④: e^(−e p[c]);
 * - `foreground-exponential` ⑤: e^(−e p[c] / (1 − p[bg])) for foreground, e^(−e p[bg]) for background;
 * - `foreground-only` ⑥: as ⑤, with weight 0 for background.
 */
export const CLASS_WEIGHT_FUNCTIONS = [
  'uniform',
  'inverse',
  'growing-exponential',
  'decaying-exponential',
  'foreground-exponential',
  'foreground-only',
] as const
export type ClassWeightFunction = (typeof CLASS_WEIGHT_FUNCTIONS)[number]

/**
 * One weight per class from the classes' pixel counts (or shares) in the training labels; they add up to 1.
 *
 * `inverse` gives classes without any pixel the largest weight of the others. Throws `ConfigError` for counts that
 * are negative or all 0, and for a background that is no class.
 */
export function classWeights(
  counts: readonly number[],
  weightFunction: ClassWeightFunction,
  { background = 0 }: { readonly background?: number } = {},
): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (!(total > 0) || counts.some((count) => !(count >= 0))) {
    throw new ConfigError('class-weights/counts', 'classWeights: counts are pixels of each class', {
      expected: 'numbers ≥ 0, not all 0',
      received: `[${counts.join(', ')}]`,
    })
  }
  if (!(background in counts)) {
    throw new ConfigError('class-weights/background', 'classWeights: background is the index of a class', {
      expected: `0 to ${counts.length - 1}`,
      received: String(background),
    })
  }
  const shares = counts.map((count) => count / total)
  const weights = unnormalized[weightFunction](shares, background)
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}

type Unnormalized = (shares: readonly number[], background: number) => number[]

const decaying = (share: number): number => Math.exp(-Math.E * share)

const foregroundExponential: Unnormalized = (shares, background) =>
  shares.map((share, c) =>
    decaying(c === background || share === 0 ? share : share / (1 - shares[background]!)),
  )

const unnormalized: Readonly<Record<ClassWeightFunction, Unnormalized>> = {
  uniform: (shares) => shares.map(() => 1),
  inverse(shares) {
    const largest = 1 / Math.min(...shares.filter((share) => share > 0))
    return shares.map((share) => (share > 0 ? 1 / share : largest))
  },
  'growing-exponential': (shares) => shares.map((share) => Math.exp(Math.E * share)),
  'decaying-exponential': (shares) => shares.map(decaying),
  'foreground-exponential': foregroundExponential,
  'foreground-only': (shares, background) =>
    foregroundExponential(shares, background).map((weight, c) => (c === background ? 0 : weight)),
}
