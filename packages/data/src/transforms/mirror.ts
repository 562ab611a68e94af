/** Folds an index into 0..length-1 by mirroring at the first and the last pixel: … 2 1 | 0 1 2 | 1 0 1 … */
export function mirror(index: number, length: number): number {
  if (index >= 0 && index < length) return index
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const folded = Math.abs(index) % period
  return folded < length ? folded : period - folded
}
