import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '@limbeck/core'
import { createJiti } from 'jiti'
import { parse as parseYaml, YAMLParseError } from 'yaml'

/** A config as written, with where it came from. Nothing is validated yet. */
export interface RawConfig {
  readonly file: string
  /** Relative paths in the config are relative to this. */
  readonly directory: string
  readonly value: Record<string, unknown>
}

/** Reads a `.yaml`, `.json`, `.ts` or `.js` config; `extends` names at most one base, merged beneath it. */
export async function readConfig(path: string): Promise<RawConfig> {
  const file = resolve(path)
  const { extends: base, ...value } = await readValue(file)
  if (base === undefined) return { file, directory: dirname(file), value }
  if (typeof base !== 'string') throw new ConfigError('config/extends', `${file}: "extends" must be a path`)
  const baseFile = resolve(dirname(file), base)
  const { extends: deeper, ...baseValue } = await readValue(baseFile)
  if (deeper !== undefined) {
    throw new ConfigError('config/extends', `${baseFile}: a base cannot extend another file`, {
      hint: 'in a .ts config a base is a value that one spreads',
    })
  }
  return { file, directory: dirname(file), value: merge(baseValue, value) }
}

/**
 * Applies `--set a.b.c=value` in place of what the file says; values are read as YAML (`5`, `true`, `[1, 2]`). `flag`
 * names it in errors.
 */
export function applyOverrides(
  value: Record<string, unknown>,
  overrides: readonly string[],
  flag = '--set',
): Record<string, unknown> {
  return overrides.reduce((config, override) => {
    const at = override.indexOf('=')
    if (at < 1) {
      throw new ConfigError('config/override', `${flag} ${override}: not an assignment`, {
        expected: 'path.to.key=value',
      })
    }
    const nested = override
      .slice(0, at)
      .split('.')
      .reduceRight<unknown>((inner, key) => ({ [key]: inner }), parseValue(override, at + 1, flag))
    return merge(config, nested as Record<string, unknown>)
  }, value)
}

function parseValue(override: string, start: number, flag: string): unknown {
  try {
    return parseYaml(override.slice(start))
  } catch (error) {
    throw new ConfigError('config/override', `${flag} ${override}: the value is not YAML`, {
      received: (error as Error).message.split('\n')[0]!,
      cause: error,
    })
  }
}

async function readValue(file: string): Promise<Record<string, unknown>> {
  const value = await parseFile(file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new ConfigError('config/not-an-object', `${file}: a config is a mapping of keys to values`)
}

async function parseFile(file: string): Promise<unknown> {
  const extension = extname(file)
  if (/^\.[cm]?[jt]s$/.test(extension)) return importDefault(file)
  const text = await readText(file)
  try {
    if (extension === '.json') return JSON.parse(text)
    if (extension === '.yaml' || extension === '.yml') return parseYaml(text)
  } catch (error) {
    const where = error instanceof YAMLParseError && error.linePos ? `${file}:${error.linePos[0].line}` : file
    throw new ConfigError('config/syntax', `${where}: ${(error as Error).message}`, { cause: error })
  }
  throw new ConfigError('config/format', `${file}: unknown config format`, {
    expected: '.yaml, .json, .ts or .js',
    received: extension || 'no extension',
  })
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError('config/unreadable', `${file}: cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

/** The default export of a module; `.ts` needs no build step. */
export async function importDefault(file: string): Promise<unknown> {
  const jiti = createJiti(pathToFileURL(file).href, { interopDefault: true, tryNative: !file.endsWith('ts') })
  try {
    return await jiti.import(file, { default: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'MODULE_NOT_FOUND' && message.includes(`'${file}'`)) {
      throw new ConfigError('config/unreadable', `${file}: does not exist`, { cause: error })
    }
    throw new ConfigError('config/import', `${file}: cannot be loaded: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/**
 * `over` wins; objects merge key by key, all else is replaced. A `use` that names something else leaves behind the
 * options of what it replaces.
 */
export function merge(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  if (over.use !== undefined && over.use !== base.use) delete merged.options
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isRecord(below) && isRecord(value) ? merge(below, value) : value
  }
  return merged
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
