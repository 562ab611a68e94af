import { execFile, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** How CMake builds a program of C++ tests. */
export interface NativeBuild {
  /** The package with its CMakeLists.txt. */
  readonly source: URL
  /** Where, under `build`. */
  readonly directory: string
  /** What is built: a program of this name, or objects. */
  readonly target: string
  /** What CMake is told. */
  readonly defines: readonly string[]
  /** Programs that it needs. */
  readonly tools: readonly string[]
}

/** What a program printed, and its exit code. */
export interface Outcome {
  readonly code: number
  readonly output: string
}

/** The tools of a build that are not installed here. */
export const missingTools = ({ tools }: NativeBuild): readonly string[] =>
  tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0)

/** Builds the program; its path. Throws with the output of the step that failed. */
export async function buildNativeProgram({
  source,
  directory,
  target,
  defines,
}: NativeBuild): Promise<string> {
  const from = fileURLToPath(source)
  const build = join(from, 'build', directory)
  await outputOf(['cmake', '-S', from, '-B', build, ...defines])
  const jobs = String(availableParallelism())
  await outputOf(['cmake', '--build', build, '--target', target, '--parallel', jobs])
  return join(build, target)
}

/** Runs a command; what it prints. Throws with that when it fails. */
export async function outputOf(
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, output } = await run(command, variables)
  if (code !== 0) throw new Error(`${command.join(' ')} exits with ${code}\n${output}`)
  return output
}

/** Runs a command that may fail. Does not block: a test runner wants to hear from its worker now and then. */
export async function run(
  [program, ...args]: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const env = { ...process.env, ...variables }
  try {
    const { stdout, stderr } = await promisify(execFile)(program!, args, { env, maxBuffer: 2 ** 26 })
    return { code: 0, output: `${stdout}${stderr}` }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : 1, output: `${stdout ?? ''}${stderr ?? error}` }
  }
}
