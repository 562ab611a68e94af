import type { Json } from '@limbeck/core'
import type { Settings } from './read-run.ts'

/** A config's settings by dotted path, as `--set` takes them; lists of plain values stay in one piece. */
export function flatSettings(settings: Settings): Map<string, string> {
  return new Map(Object.entries(settings).flatMap(([key, value]) => flatten(key, value)))
}

function flatten(path: string, value: Json): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((item, index) => [`${path}[${index}]`, item])
    : Object.entries(value).map(([key, item]) => [`${path}.${key}`, item])
  const plain = entries.every(([, item]) => typeof item !== 'object' || item === null)
  if (Array.isArray(value) && plain) return [[path, `[${value.join(', ')}]`]]
  if (entries.length === 0) return [[path, '{}']]
  return entries.flatMap(([inner, item]) => flatten(inner, item))
}
