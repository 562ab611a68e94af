import { formatPath, nearestName, z } from '@limbeck/core'

/** A zod issue in our words, one line a problem: what, where in the config, and the nearest name that exists. */
export function explainIssue(issue: z.core.$ZodIssue, config: unknown, schema: z.ZodType): string[] {
  const at = issue.path.length > 0 ? ` at ${formatPath(issue.path)}` : ''
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), config, issue.path)
    return issue.keys.map((key) => `unknown key "${key}"${at}${offer(key, known) || listed(known)}`)
  }
  if (issue.code === 'invalid_union' && 'options' in issue) {
    const given = String(valueAt(config, issue.path))
    const names = (issue.options as string[]).filter((name) => !name.includes('/'))
    return [`unknown name "${given}"${at}${offer(given, names)}; known: ${names.join(', ')}`]
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.flatMap(([first]) => (first?.path.length === 0 ? [first.message] : []))
    return [`${[...new Set(branches)].join('; or ') || issue.message}${at}`]
  }
  const given = valueAt(config, issue.path)
  if (given === undefined && issue.path.length > 0) {
    const parent = issue.path.slice(0, -1)
    return [
      `missing key "${String(issue.path.at(-1))}"${parent.length > 0 ? ` at ${formatPath(parent)}` : ''}`,
    ]
  }
  const received = typeof given === 'object' ? '' : `, received ${JSON.stringify(given)}`
  return [`${issue.message}${at}${received}`]
}

function offer(given: string, known: readonly string[]): string {
  const near = nearestName(given, known)
  return near === undefined ? '' : ` (did you mean "${near}"?)`
}

const listed = (known: readonly string[]): string => (known.length > 0 ? `; known: ${known.join(', ')}` : '')

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly const?: unknown
}

/** Keys that the schema knows at a path; in a union, those of the branch that the config's `use` picks. */
function keysAt(schema: unknown, config: unknown, path: readonly PropertyKey[]): string[] {
  const branch = pick(schema as JsonSchema, config)
  const [key, ...rest] = path
  if (key === undefined) return Object.keys(branch?.properties ?? {})
  const next = typeof key === 'number' ? branch?.items : branch?.properties?.[String(key)]
  return keysAt(next, valueAt(config, [key]), rest)
}

function pick(schema: JsonSchema | undefined, config: unknown): JsonSchema | undefined {
  const branches = schema?.oneOf ?? schema?.anyOf
  if (!branches) return schema
  const use = valueAt(config, ['use'])
  return (
    branches.find(({ properties }) => properties?.use?.const === use) ??
    branches.find(({ properties }) => properties)
  )
}

const valueAt = (config: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], config)
