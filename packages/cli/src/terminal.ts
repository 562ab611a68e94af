/** Where a command writes: results go to `out`, everything else to `error`. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
  /** Draws over the lines that were drawn last, until the next `error`; absent when no person watches. */
  readonly draw?: ((lines: readonly string[]) => void) | undefined
}

const DEFAULT_COLUMNS = 100

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process
  let drawn = 0
  const erase = () => {
    // up to the first drawn line, and everything below it away
    if (drawn > 0) stderr.write(`\x1b[${drawn}F\x1b[0J`)
    drawn = 0
  }
  return {
    out(text) {
      erase()
      stdout.write(`${text}\n`)
    },
    error(text) {
      erase()
      stderr.write(`${text}\n`)
    },
    ...(stderr.isTTY && {
      draw(lines) {
        erase()
        const columns = stderr.columns ?? DEFAULT_COLUMNS
        for (const line of lines) stderr.write(`${line.slice(0, columns - 1)}\n`)
        drawn = lines.length
      },
    }),
  }
}
