/** The outcome of one check of one part of a plugin. */
export interface Check {
  /** `loss "dice"`. */
  readonly subject: string
  readonly what: string
  /** Why it failed; absent when it passed. */
  readonly failure?: string
  /** Why it could not be tried. */
  readonly skipped?: string
}

/** Runs a check; what it throws is the failure, what it returns a remark on why it was skipped. */
export async function check(
  subject: string,
  what: string,
  run: () => undefined | string | Promise<undefined | string>,
): Promise<Check> {
  try {
    const skipped = await run()
    return { subject, what, ...(skipped === undefined ? {} : { skipped }) }
  } catch (error) {
    return { subject, what, failure: error instanceof Error ? error.message : String(error) }
  }
}

/** Fails a check in the form of our errors. */
export function fail(expected: string, received: string): never {
  throw new Error(`expected ${expected}\nreceived ${received}`)
}
