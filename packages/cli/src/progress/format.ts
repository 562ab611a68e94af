import type { StepEvent } from '@limbeck/core'

/** The terms of a loss as they count: `ce 0.532  kd 0.041`. */
export const describeTerms = ({ terms }: Pick<StepEvent, 'terms'>): string =>
  Object.entries(terms)
    .map(([name, { value, weight }]) => `${name} ${significant(value * weight)}`)
    .join('  ')

export const percent = (score: number | null | undefined): string =>
  score === null || score === undefined ? '–' : (100 * score).toFixed(1)

/** `4:07`, or `1:02:33` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  const tail = String(whole % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

const significant = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : value.toPrecision(3)
