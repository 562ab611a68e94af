import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where decoded samples are kept: `LIMBECK_CACHE`, else `limbeck` in the cache directory of the XDG specification.
 * `LIMBECK_CACHE=off` gives none.
 */
export function cacheDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const { LIMBECK_CACHE: own, XDG_CACHE_HOME: shared } = environment
  if (own === 'off') return undefined
  if (own) return resolve(own)
  // the specification has relative paths ignored
  return join(shared?.startsWith('/') ? shared : join(homedir(), '.cache'), 'limbeck')
}
