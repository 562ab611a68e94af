/** Words that help a reader out: what was wanted, what came, and what to do about it. */
export interface ErrorDetails {
  readonly expected?: string
  readonly received?: string
  /** One sentence on the way out; only when we know one. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * Base of every error that Limbeck throws on purpose.
 *
 * `code` is stable across versions (`config/unknown-key`); the message is for people: what failed and where on
 * the first line, then `expected … / received …`, then `hint: …`.
 */
export class LimbeckError extends Error {
  readonly code: string
  readonly details: ErrorDetails

  constructor(code: string, what: string, details: ErrorDetails = {}) {
    super(compose(what, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.details = details
  }
}

/** A config file, an option or a command line that cannot be used. */
export class ConfigError extends LimbeckError {}

/** A data set that is not what it claims: a missing file, a mask of another size, an unknown class id. */
export class DataError extends LimbeckError {}

/** Tensors whose shapes or dtypes do not fit the op, loss or model that received them. */
export class ShapeError extends LimbeckError {}

/** A name that nothing provides: a loss, a tap, a tensor reference, a checkpoint key. */
export class UnknownNameError extends LimbeckError {}

/** A backend that cannot be loaded, or a kernel that it lacks where a fallback is not allowed. */
export class BackendError extends LimbeckError {}

/** A file that is not in the format it should be in (safetensors, npy, checkpoint). */
export class FormatError extends LimbeckError {}

/** A run that cannot be started, resumed or finished. */
export class RunError extends LimbeckError {}

function compose(what: string, { expected, received, hint }: ErrorDetails): string {
  const lines = [what]
  if (expected !== undefined && received !== undefined) {
    lines.push(`  expected ${expected}`, `  received ${received}`)
  } else if (expected !== undefined) lines.push(`  expected ${expected}`)
  else if (received !== undefined) lines.push(`  received ${received}`)
  if (hint !== undefined) lines.push(`  hint: ${hint}`)
  return lines.join('\n')
}

/** The known name nearest to `name` by edit distance, when it is near enough to be a misspelling. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** An `UnknownNameError` that lists what exists and offers the nearest name. */
export function unknownName(
  code: string,
  what: string,
  name: string,
  known: Iterable<string>,
): UnknownNameError {
  const names = [...known].sort()
  const near = nearestName(name, names)
  return new UnknownNameError(code, what, {
    expected: names.length > 0 ? `one of ${names.join(', ')}` : 'nothing: none exists here',
    received: `"${name}"`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  })
}

/** A shape as messages print it: `[2, 64, 64, 3]`. */
export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution)
    }
    previous = current
  }
  return previous[b.length]!
}
