import { basename, dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ConfigError, RunError } from '@limbeck/core'
import { pathExists } from '@limbeck/data'
import { type ParsedConfig, parseConfig, type RawConfig, readConfig } from '@limbeck/train'
import { isDirectory } from './is-directory.ts'

/** A run to begin, or one to go on with. */
export interface RunTarget {
  readonly parsed: ParsedConfig
  readonly runs: string
  readonly resume: boolean
}

export interface TargetOptions {
  readonly resume: boolean
  readonly replace: boolean
  readonly runs: string | undefined
  readonly name: string | undefined
  readonly set: readonly string[]
}

const DEFAULT_RUNS = 'runs'

/**
 * What `train CONFIG` or `train --resume RUN` means. A run directory brings the config that it began with; with a
 * config file, `--resume` goes on if there is something to go on with, which must have begun with the same config.
 */
export async function findTarget(path: string, options: TargetOptions): Promise<RunTarget> {
  if (options.resume && options.replace) {
    throw new ConfigError('usage/resume', '--resume and --replace exclude each other', {
      hint: '--resume goes on with a run, --replace deletes it and starts again',
    })
  }
  if (await isDirectory(path)) return fromDirectory(path, options)
  const { resume, runs = DEFAULT_RUNS, name, set } = options
  const parsed = await parseConfig(named(await readConfig(path), name), set)
  const directory = join(runs, parsed.config.name)
  const begun = resume && (await pathExists(join(directory, 'config.json')))
  if (begun) await requireSameConfig(parsed, directory)
  return { parsed, runs, resume: begun }
}

async function fromDirectory(path: string, { resume, runs, name, set }: TargetOptions): Promise<RunTarget> {
  if (!resume) {
    throw new ConfigError('usage/directory', `${path}: is a directory`, {
      hint: `limbeck train --resume ${path} goes on with a run`,
    })
  }
  if (runs !== undefined || name !== undefined || set.length > 0) {
    throw new ConfigError('usage/resume', '--runs, --name and --set do not go with a run that is resumed', {
      hint: 'a run goes on with the config that it began with',
    })
  }
  const file = join(path, 'config.json')
  if (!(await pathExists(file))) {
    throw new RunError('run/not-a-run', `${path}: not a run directory`, { expected: file })
  }
  const directory = resolve(path)
  const parsed = await parseConfig(named(await readConfig(file), basename(directory)))
  return { parsed, runs: dirname(path), resume: true }
}

/** The config under another name; a directory that was moved goes by the name that it has now. */
const named = (raw: RawConfig, name: string | undefined): RawConfig =>
  name === undefined ? raw : { ...raw, value: { ...raw.value, name } }

async function requireSameConfig(parsed: ParsedConfig, directory: string): Promise<void> {
  const begun = await parseConfig(await readConfig(join(directory, 'config.json')))
  const changed = Object.keys(parsed.config).filter(
    (key) => key !== 'directory' && !isDeepStrictEqual(asJson(parsed.config, key), asJson(begun.config, key)),
  )
  if (changed.length === 0) return
  throw new RunError('run/other-config', `${directory}: this run began with another config`, {
    expected: `the same ${changed.join(', ')}`,
    hint: `limbeck train --resume ${directory} goes on with its own config; --replace starts again`,
  })
}

const asJson = (config: object, key: string): unknown =>
  JSON.parse(JSON.stringify((config as Record<string, unknown>)[key] ?? null))
