/** Pixels of one class that were taken for another. Classes are channels. */
export interface Mistake {
  readonly truth: number
  readonly predicted: number
  readonly pixels: number
  /** Part of the pixels of the class that was missed, or of those that were called the class they are not. */
  readonly share: number
}

export interface MistakeOptions {
  /** What the share is a part of: the truth's pixels (what is missed) or the prediction's (false alarms). */
  readonly of: 'truth' | 'prediction'
  /** Smaller shares are left out. */
  readonly least: number
  readonly count: number
}

/** The largest mistakes of a confusion matrix (row = truth) by share, largest first. */
export function largestMistakes(
  confusion: readonly (readonly number[])[],
  { of, least, count }: MistakeOptions,
): Mistake[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const rows = confusion.map(sum)
  const columns = confusion.map((_, channel) => sum(confusion.map((row) => row[channel]!)))
  const mistakes = confusion.flatMap((row, truth) =>
    row.map((pixels, predicted): Mistake => {
      const whole = of === 'truth' ? rows[truth]! : columns[predicted]!
      return { truth, predicted, pixels, share: whole > 0 ? pixels / whole : 0 }
    }),
  )
  return mistakes
    .filter(({ truth, predicted, share, pixels }) => truth !== predicted && pixels > 0 && share >= least)
    .sort((a, b) => b.share - a.share || b.pixels - a.pixels)
    .slice(0, count)
}
