import { moduleResolver } from '../platform.ts'

/** Brings Limbeck's packages as its own dependencies. */
const UMBRELLA = 'limbeck'

/**
 * The URL of a package that cannot be imported from here, though the program that runs, the directory that it runs in,
 * or their `limbeck` has it: with pnpm, or with npm's linked layout, each package sees its own dependencies alone.
 * Nothing where there is none, or in a browser.
 */
export function installedModule(name: string): string | undefined {
  for (const base of ['program', 'directory'] as const) {
    const resolve = moduleResolver(base)
    const umbrella = resolve?.(`${UMBRELLA}/package.json`)
    const found = resolve?.(name) ?? (umbrella && moduleResolver({ from: umbrella })?.(name))
    if (found) return found
  }
  return undefined
}
