import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { NativeAddon, NativeModule } from './addon.ts'

/** Where a backend looks for its addon, in this order. */
export interface AddonPlaces {
  /** An environment variable with the path of an addon. Where it is set, nothing else is tried. */
  readonly variable: string
  /** Addons that were built here. */
  readonly builds: readonly URL[]
  /** The package with a prebuilt addon for this platform. */
  readonly platformPackage: string
  /** `import.meta.url` of the backend, from where the package is looked up. */
  readonly from: string
  /** What to do when nothing is found: a whole sentence. */
  readonly hint: string
}

/** What was tried, and why it was not used. */
export interface Attempt {
  readonly place: string
  readonly reason: string
}

export type LoadedAddon =
  | { readonly addon: NativeAddon; readonly path: string }
  | { readonly addon?: undefined; readonly tried: readonly Attempt[]; readonly reason: string }

/** Loads and opens the first addon that works here; never throws. */
export function loadAddon(places: AddonPlaces): LoadedAddon {
  const require = createRequire(places.from)
  const chosen = process.env[places.variable]
  const candidates = chosen
    ? [{ place: `${places.variable}=${chosen}`, path: chosen }]
    : [
        ...places.builds.map((url) => ({ place: fileURLToPath(url), path: fileURLToPath(url) })),
        { place: places.platformPackage, path: undefined },
      ]
  const tried: Attempt[] = []
  const refused: Attempt[] = []
  for (const { place, path } of candidates) {
    if (path !== undefined && !existsSync(path)) {
      tried.push({ place, reason: chosen ? 'no such file' : 'not built' })
      continue
    }
    let module: NativeModule
    try {
      module = require(path ?? places.platformPackage) as NativeModule
    } catch (error) {
      tried.push({ place, reason: explain(error) })
      continue
    }
    try {
      return { addon: module.open(), path: path ?? require.resolve(places.platformPackage) }
    } catch (error) {
      refused.push({ place, reason: explain(error) })
      tried.push(refused.at(-1)!)
    }
  }
  // an addon that is there and says why it cannot work tells more than where none is, and how to build one
  const reasons = refused.length > 0 ? refused.map(describe) : [...tried.map(describe), places.hint]
  return { tried, reason: reasons.join('; ') }
}

const describe = ({ place, reason }: Attempt): string => `${place}: ${reason}`

function explain(error: unknown): string {
  const { code, message } = error as Error & { code?: string }
  return code === 'MODULE_NOT_FOUND' ? 'not installed' : message
}
