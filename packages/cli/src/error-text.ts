import { LimbeckError } from '@limbeck/core'
import { systemFailure } from './system-failure.ts'

/** What a person reads of an error: its message. With LIMBECK_DEBUG=1, stack and causes too. */
export function errorText(error: unknown): string {
  if (process.env.LIMBECK_DEBUG === '1') return withCauses(error)
  if (error instanceof LimbeckError) return error.message
  const failure = systemFailure(error)
  if (failure) {
    const { path, what, hint, code } = failure
    return `${path === undefined ? '' : `${path}: `}${what} (${code})\n  hint: ${hint}`
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return `${text}\n  hint: LIMBECK_DEBUG=1 prints where it happened`
}

function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\ncaused by ${withCauses(error.cause)}`
}
