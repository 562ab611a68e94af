/** The mean of what is defined (not NaN); NaN when nothing is. */
export function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.reduce((sum, value) => sum + value, 0) / defined.length
}
