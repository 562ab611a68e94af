/** Maps values to a stretch of the picture, with the ticks to draw on it. */
export interface Axis {
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
}

/** Where an axis lies: `from` is the place of the lowest value, `to` of the highest. */
export interface AxisSpan {
  readonly low: number
  readonly high: number
  readonly from: number
  readonly to: number
}

/** A linear axis with about `count` ticks at 1, 2 or 5 times a power of ten. */
export function linearAxis({ low, high, from, to }: AxisSpan, count: number): Axis {
  const width = high - low || 1
  const step = niceStep(width / count)
  const first = Math.ceil(low / step - 1e-9)
  const ticks = Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) =>
    // Toward the decimal that is meant: 3 · 0.1 is 0.30000000000000004.
    Number(((first + k) * step).toPrecision(12)),
  )
  return { place: (value) => from + ((value - low) / width) * (to - from), ticks }
}

/** A logarithmic axis, all values positive: ticks at powers of ten, or at 1, 2, 5 over less than two decades. */
export function logAxis({ low, high, from, to }: AxisSpan): Axis {
  const [start, end] = [Math.log10(low), Math.log10(high)]
  const width = end - start || 1
  const factors = width < 2 ? [1, 2, 5] : [1]
  const stride = Math.ceil(width / 6)
  const ticks: number[] = []
  for (let power = Math.floor(start); power <= Math.ceil(end); power++) {
    if (power % stride !== 0) continue
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(12))
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick)
    }
  }
  return { place: (value) => from + ((Math.log10(value) - start) / width) * (to - from), ticks }
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * (1 - 1e-9))
  return factor! * power
}
