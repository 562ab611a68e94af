import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { FormatError, tf } from '@limbeck/core'
import { writeJson } from '@limbeck/data'
import { gitCommit } from './git-commit.ts'
import type { RunDirectory } from './run-directory.ts'

/** `environment.json`: where and with what a run was made. */
export interface Environment {
  /** ISO 8601, UTC, when the run began. */
  readonly date: string
  readonly argv: readonly string[]
  readonly backend: string
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** Versions of Limbeck's packages and of tfjs-core. */
  readonly packages: Readonly<Record<string, string>>
  /** SHA-256 over the files of the data set's splits that were read; absent where they name no files. */
  readonly dataChecksum?: string
  /** Changes of the data set with which a resumed run went on because it was told to. */
  readonly dataChanges?: readonly { readonly date: string; readonly dataChecksum: string | null }[]
  /** Commit of the repository that holds the config; absent outside a repository. */
  readonly commit?: string
}

export interface EnvironmentOptions {
  readonly backend: string
  /** Where the config lies. */
  readonly directory: string
  readonly dataChecksum?: string | undefined
}

export async function describeEnvironment({
  backend,
  directory,
  dataChecksum,
}: EnvironmentOptions): Promise<Environment> {
  const commit = await gitCommit(directory)
  return {
    date: new Date().toISOString(),
    argv: process.argv,
    backend,
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    packages: await packageVersions(),
    ...(dataChecksum === undefined ? {} : { dataChecksum }),
    ...(commit === undefined ? {} : { commit }),
  }
}

export async function writeEnvironment(run: RunDirectory, options: EnvironmentOptions): Promise<void> {
  await writeJson(run.file('environment.json'), await describeEnvironment(options))
}

/** What the run was made with; undefined where that was not kept. */
export async function readEnvironment(run: RunDirectory): Promise<Environment | undefined> {
  const file = run.file('environment.json')
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Environment
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new FormatError('run/broken-json', `${file}: cannot be read as JSON`, { cause: error })
  }
}

/** Versions as installed: a link or a lock file may have chosen others than were asked for. */
async function packageVersions(): Promise<Record<string, string>> {
  const require = createRequire(import.meta.url)
  const own = await readPackage(new URL('../../package.json', import.meta.url))
  const versions: Record<string, string> = { [own.name]: own.version }
  for (const name of Object.keys(own.dependencies)) {
    if (!name.startsWith('@limbeck/')) continue
    versions[name] = (await readPackage(require.resolve(`${name}/package.json`))).version
  }
  versions['@tensorflow/tfjs-core'] = tf.version_core
  return versions
}

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

const readPackage = async (path: string | URL): Promise<PackageJson> =>
  JSON.parse(await readFile(path, 'utf8')) as PackageJson
