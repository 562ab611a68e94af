export interface MedianThresholdOptions {
  /** Where the last bin ends. Default 1. */
  readonly upper?: number
  /** The smallest threshold, also that of classes without any count. Default 0. */
  readonly floor?: number
  /** The largest threshold. Default: none. */
  readonly ceiling?: number
  /** `plop` reproduces the official code's running sum, which adds bin numbers instead of counts. */
  readonly compat?: 'plop'
}

/**
 * One threshold per class: the median of its histogram, by linear interpolation within the bin, but at least
 * `floor` and at most `ceiling`. PLOP bounds entropies from below and probabilities from above. `counts[c][b]` is the number of values of class c in bin b; bins have equal width and start at 0.
 */
export function medianThresholds(
  counts: readonly (readonly number[])[],
  { upper = 1, floor = 0, ceiling = Number.POSITIVE_INFINITY, compat }: MedianThresholdOptions,
): number[] {
  const median = compat === 'plop' ? plopMedian : histogramMedian
  return counts.map((histogram) => Math.min(ceiling, Math.max(floor, median(histogram) * upper)))
}

/** In [0, 1], the range of the bins; 0 for an empty histogram. */
function histogramMedian(histogram: readonly number[]): number {
  const half = histogram.reduce((sum, count) => sum + count, 0) / 2
  if (half === 0) return 0
  let below = 0
  for (const [bin, count] of histogram.entries()) {
    if (below + count >= half) return (bin + (half - below) / count) / histogram.length
    below += count
  }
  return 1
}

/**
 * CVPR2021_PLOP, train.py, `find_median`, at 4b4a060: the running sum grows by the number of the bin, and the bin
 * that is read is `int(bin / bins * bins)`, which rounding makes the one before for some. The result may lie above 1.
 */
function plopMedian(histogram: readonly number[]): number {
  const bins = histogram.length
  const half = histogram.reduce((sum, count) => sum + count, 0) / 2
  if (half === 0) return 0
  let running = 0
  let border = 0
  let count = 0
  for (let bin = 0; bin < bins; bin++) {
    border = bin / bins
    count = histogram[Math.trunc(border * bins)]!
    if (half >= running && half <= running + count) break
    running += border * bins
  }
  return count === 0 ? 0 : border + (half - running) / count / bins
}
