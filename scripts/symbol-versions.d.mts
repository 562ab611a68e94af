export function symbolVersions(listing: string): Record<string, string>
export function newerThan(a: string, b: string): boolean
