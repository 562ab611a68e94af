/** A percentile (0..100) of some values, between which it is interpolated linearly, as numpy does; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = ((sorted.length - 1) * percent) / 100
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  // equal neighbours may be infinite
  return below === above ? below : below + (above - below) * (at - Math.floor(at))
}
