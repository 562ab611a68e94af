import { execFile, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const source = fileURLToPath(new URL('..', import.meta.url))

/** A build of the C++ tests. */
export interface NativeBuild {
  /** Where, under `build`. */
  readonly directory: string
  /** What CMake is told. */
  readonly defines: readonly string[]
  /** Programs that it needs. */
  readonly tools: readonly string[]
  /** What starts the tests, with its arguments. */
  readonly runner?: readonly string[]
}

/** The tools of a build that are not installed here. */
export const missingTools = ({ tools }: NativeBuild): readonly string[] =>
  tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0)

/** Builds the C++ tests and runs them; what they print. Throws with the output of the step that failed. */
export async function runNativeTests({ directory, defines, runner = [] }: NativeBuild): Promise<string> {
  const build = `${source}build/${directory}`
  await output(['cmake', '-S', source, '-B', build, ...defines])
  const jobs = String(availableParallelism())
  await output(['cmake', '--build', build, '--target', 'simd_test', '--parallel', jobs])
  return output([...runner, `${build}/simd_test`])
}

/** Does not block: a test runner wants to hear from its worker now and then. */
async function output([program, ...args]: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program!, args, { maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${[program, ...args].join(' ')}\n${stdout ?? ''}${stderr ?? error}`, { cause: error })
  }
}
