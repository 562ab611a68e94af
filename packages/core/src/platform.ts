/** What Node and browsers both have and the types of plain ES2023 lack. */
interface Platform {
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly argv?: readonly string[]
    cwd?(): string
    getBuiltinModule?(name: 'module'): {
      createRequire(from: string): { resolve(name: string): string }
    }
    getBuiltinModule?(name: 'url'): { pathToFileURL(path: string): { readonly href: string } }
  }
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string }
}

const platform = globalThis as unknown as Platform

/** Environment variables; a browser has none. */
export const environment = (): Readonly<Record<string, string | undefined>> => platform.process?.env ?? {}

/**
 * Resolves names of packages as Node does in the program's file, in the working directory, or in the file of a URL: to a
 * URL, or nothing. Nothing in a browser.
 */
export function moduleResolver(
  base: 'program' | 'directory' | { readonly from: string },
): ((name: string) => string | undefined) | undefined {
  const { process } = platform
  const place =
    base === 'program' ? process?.argv?.[1] : base === 'directory' ? `${process?.cwd?.()}/x` : base.from
  if (!process?.getBuiltinModule || !place) return undefined
  const { createRequire } = process.getBuiltinModule('module')
  const { pathToFileURL } = process.getBuiltinModule('url')
  return (name) => {
    try {
      // throws where the place is none: `node -e` calls its first argument the program
      return pathToFileURL(createRequire(place).resolve(name)).href
    } catch {
      return undefined
    }
  }
}

export const encodeText = (text: string): Uint8Array => new platform.TextEncoder().encode(text)

export const decodeText = (bytes: Uint8Array): string => new platform.TextDecoder().decode(bytes)
