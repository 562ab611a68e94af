/** What Node and browsers both have and the types of plain ES2023 lack. */
interface Platform {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string }
}

const platform = globalThis as unknown as Platform

/** Environment variables; a browser has none. */
export const environment = (): Readonly<Record<string, string | undefined>> => platform.process?.env ?? {}

export const encodeText = (text: string): Uint8Array => new platform.TextEncoder().encode(text)

export const decodeText = (bytes: Uint8Array): string => new platform.TextDecoder().decode(bytes)
