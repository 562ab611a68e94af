/**
 * Builds the addon of a native backend where its package lies: `limbeck-build simd|cuda|emulated [--if-possible]
 * [--portable]`. The backends' packages bring the command.
 *
 * Needs CMake and a C++17 compiler, and nvcc for `cuda`. With `--if-possible` their absence, or a build that fails, is
 * one line on stderr and no failure: everything runs on the reference then. A portable addon brings the C++ library, so
 * that it runs on systems whose own is older.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What CMake is told about each addon, and the package of its sources. */
const targets = {
  simd: { owner: '@limbeck/backend-simd', output: 'build', defines: [] },
  cuda: { owner: '@limbeck/backend-cuda', output: 'build/cuda', defines: ['-DDEVICE=cuda'] },
  emulated: { owner: '@limbeck/backend-cuda', output: 'build/emulated', defines: ['-DDEVICE=emu'] },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'if-possible': { type: 'boolean', default: false },
    portable: { type: 'boolean', default: false },
  },
})
const [name] = positionals
const target = Object.hasOwn(targets, name) ? targets[name] : undefined
if (!target) {
  console.error(`limbeck-build: expected one of ${Object.keys(targets).join(', ')}, received ${name}`)
  process.exit(2)
}

const log = []
const reason = build(target)
if (reason !== undefined) {
  console.error(`${target.owner} was not built: ${reason}`)
  process.exitCode = values['if-possible'] ? 0 : 1
}

/** Builds an addon; why not, when that fails. */
function build({ owner, output, defines }) {
  const source = directoryOf(owner)
  if (source === undefined) return `it is not installed; npm i ${owner}`
  const directory = join(source, output)
  const built =
    run('cmake', [
      ...['-S', source, '-B', directory, '-DCMAKE_BUILD_TYPE=Release'],
      `-DNODE_API_INCLUDE=${join(directoryOf('node-api-headers'), 'include')}`,
      `-DNATIVE=${fileURLToPath(new URL('..', import.meta.url))}`,
      `-DPORTABLE=${values.portable ? 'ON' : 'OFF'}`,
      ...defines,
    ]) && run('cmake', ['--build', directory, '--parallel', String(availableParallelism())])
  return built ? undefined : `${firstError()} (${writtenLog(directory)})`
}

/** Where a package is installed, seen from here or from the directory in which this was started. */
function directoryOf(owner) {
  const require = createRequire(import.meta.url)
  try {
    return dirname(require.resolve(`${owner}/package.json`, { paths: [import.meta.dirname, process.cwd()] }))
  } catch {
    return undefined
  }
}

/** Runs a command quietly; its output is kept for the log. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  log.push(`$ ${command} ${args.join(' ')}`, stdout ?? '', stderr ?? '')
  if (error) log.push(`error: ${error.code === 'ENOENT' ? `${command} is not installed` : error.message}`)
  return status === 0
}

/** What went wrong, in a line: CMake puts a sentence below a line that says where, a compiler puts it beside. */
function firstError() {
  const lines = log.join('\n').split('\n')
  const at = lines.findIndex((line) => /\berror\b/i.test(line) && !line.startsWith('--'))
  if (at < 0) return 'the build failed'
  const [first, ...below] = lines.slice(at).map((line) => line.trim())
  if (!first.startsWith('CMake Error')) return first.replace(/^error: /, '')
  const sentence = below.slice(0, below.findIndex((line) => line.endsWith('.')) + 1)
  return sentence.filter((line) => line !== '').join(' ') || first
}

function writtenLog(directory) {
  const file = join(directory, 'build.log')
  try {
    mkdirSync(directory, { recursive: true })
    writeFileSync(file, log.join('\n'))
    return file
  } catch (error) {
    return `and no log: ${error.message}`
  }
}
