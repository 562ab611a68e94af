import { main } from '@limbeck/cli'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** Runs the command line in this process. */
export async function limbeck(...argv: readonly string[]): Promise<Outcome> {
  const out: string[] = []
  const error: string[] = []
  const code = await main(argv, { out: (text) => out.push(text), error: (text) => error.push(text) })
  return { code, out: out.join('\n'), error: error.join('\n') }
}
