import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root =
  process.env.LIMBECK_SHARED_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/** Where a set of real images lies, and what to append to the name of a test that is skipped without it. */
export function sharedData(...path: readonly string[]): { readonly path: string; readonly absent: string } {
  const whole = join(root, ...path)
  return { path: whole, absent: existsSync(whole) ? '' : ` [skipped: ${whole} is absent]` }
}
