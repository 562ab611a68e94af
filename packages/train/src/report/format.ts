/** Numbers as reports print them. Everything is locale-free, so that a report is the same on every machine. */

const NARROW_SPACE = '\u202f'
const MINUS = '\u2212'

/** Stands where there is no number. */
export const NOTHING = '\u2013'

/** A metric of 0..1 in per cent without the sign: `0.642` → `64.2`. */
export const inPercent = (value: number | null): string =>
  value === null ? NOTHING : (value * 100).toFixed(1).replace('-', MINUS)

/** A share in running text: `12 %`, `3.4 %`, `under 0.1 %`. */
export function share(part: number): string {
  const percent = part * 100
  if (percent > 0 && percent < 0.1) return `under 0.1${NARROW_SPACE}%`
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)}${NARROW_SPACE}%`
}

/** A count with its thousands apart: `12,345`. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** Three significant digits: `0.0123`, `1.5`, `2.1e-5`. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return scientific(value)
  return String(Number(value.toPrecision(3))).replace('-', MINUS)
}

/** Two significant digits and a power of ten: `1e-3`, `2.1e-5`. */
export function scientific(value: number): string {
  if (value === 0) return '0'
  const [mantissa, exponent] = value.toExponential(1).split('e')
  return `${Number(mantissa)}e${Number(exponent)}`.replace(/^-/, MINUS)
}

/** `0.8 s`, `42 s`, `3 min 12 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}${NARROW_SPACE}s`
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  if (hours > 0) return `${hours}${NARROW_SPACE}h ${minutes}${NARROW_SPACE}min`
  if (minutes > 0) return `${minutes}${NARROW_SPACE}min ${whole % 60}${NARROW_SPACE}s`
  return `${whole}${NARROW_SPACE}s`
}

/** `2026-11-21T09:28:06.120Z` → `2026-11-21 09:28 UTC`. */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

export const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)}${NARROW_SPACE}GiB`
