const EIGHTHS = ' ▏▎▍▌▋▊▉█'

/** A bar of `columns` characters, filled to `fraction` (0..1) in steps of an eighth of a character. */
export function progressBar(fraction: number, columns: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * columns * 8)
  const full = '█'.repeat(Math.floor(eighths / 8))
  const part = eighths % 8 === 0 ? '' : EIGHTHS[eighths % 8]!
  return `▕${(full + part).padEnd(columns)}▏`
}
