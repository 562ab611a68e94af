import { z } from 'zod'
import { ConfigError, nearestName } from '../errors.ts'

/** Options as a user writes them: defaults may be left out. */
export type OptionsIn<S extends z.ZodRawShape> = z.input<z.ZodObject<S, z.core.$strict>>

/** Options as a plugin receives them: every default filled in. */
export type OptionsOut<S extends z.ZodRawShape> = z.output<z.ZodObject<S, z.core.$strict>>

/** Other defaults by the name of a preset. */
export type Presets<S extends z.ZodRawShape = z.ZodRawShape> = Readonly<Record<string, Partial<OptionsIn<S>>>>

/** The option `preset`, which names a set of defaults; the first name is that of the options' own defaults. */
export const presetOption = <const N extends string>(names: readonly [N, ...N[]]) =>
  z.enum(names).default(names[0]).describe('defaults of other options; what is given counts')

/**
 * The strict schema of a plugin's options: a misspelt option is an error, never dropped. The preset that is named
 * fills in what is not given, before the options' own defaults do.
 */
export function optionsSchema<S extends z.ZodRawShape>(
  shape: S,
  presets?: Presets<S>,
): z.ZodType<OptionsOut<S>, OptionsIn<S>> {
  const schema: unknown = presets
    ? z.preprocess((given) => fillFromPreset(given, presets), z.strictObject(shape))
    : z.strictObject(shape)
  return schema as z.ZodType<OptionsOut<S>, OptionsIn<S>>
}

function fillFromPreset(given: unknown, presets: Presets): unknown {
  if (typeof given !== 'object' || given === null || !('preset' in given)) return given
  const { preset } = given
  if (typeof preset !== 'string' || !Object.hasOwn(presets, preset)) return given
  return { ...presets[preset], ...Object.fromEntries(Object.entries(given).filter(isGiven)) }
}

const isGiven = ([, value]: readonly [string, unknown]): boolean => value !== undefined

/** Validates options and fills in the defaults. `where` is the place named in the error (`loss "dice"`). */
export function parseOptions<S extends z.ZodRawShape>(
  shape: S,
  options: unknown,
  where: string,
  presets?: Presets<S>,
): OptionsOut<S> {
  const result = optionsSchema(shape, presets).safeParse(options ?? {})
  if (result.success) return result.data
  throw configError(result.error, where, Object.keys(shape))
}

/** Turns zod's issues into one `ConfigError` that names each place; misspelt keys get the nearest known one. */
export function configError(
  error: z.ZodError,
  where: string,
  knownKeys: readonly string[] = [],
): ConfigError {
  const lines = error.issues.map((issue) => {
    const path = issue.path.length > 0 ? ` at ${formatPath(issue.path)}` : ''
    if (issue.code !== 'unrecognized_keys') return `${issue.message}${path}`
    const near = issue.keys.map((key) => nearestName(key, knownKeys)).filter((name) => name !== undefined)
    const offer = near.length > 0 ? ` (did you mean ${near.map((name) => `"${name}"`).join(', ')}?)` : ''
    return `${issue.message}${path}${offer}`
  })
  const code = error.issues.some((issue) => issue.code === 'unrecognized_keys')
    ? 'config/unknown-key'
    : 'config/invalid'
  return new ConfigError(code, `${where}: ${lines.join('\n  ')}`)
}

/** A path into a config as people write it: `terms[0].options.gamma`. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    '',
  )
