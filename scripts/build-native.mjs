/**
 * Builds the addon of a native backend: `node scripts/build-native.mjs simd|cuda|emulated [--if-possible]`.
 *
 * Needs CMake and a C++17 compiler, and nvcc for `cuda`. With `--if-possible` their absence, or a build that fails, is
 * one line on stderr and no failure: everything runs on the reference then.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What CMake is told about each addon; the source is `packages/backend-NAME`. */
const targets = {
  simd: { source: 'backend-simd', output: 'build', defines: [] },
  cuda: { source: 'backend-cuda', output: 'build/cuda', defines: ['-DDEVICE=cuda'] },
  emulated: { source: 'backend-cuda', output: 'build/emulated', defines: ['-DDEVICE=emu'] },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'if-possible': { type: 'boolean', default: false } },
})
const target = targets[positionals[0]]
if (!target) {
  console.error(
    `build-native: expected one of ${Object.keys(targets).join(', ')}, received ${positionals[0]}`,
  )
  process.exit(2)
}

const source = fileURLToPath(new URL(`../packages/${target.source}`, import.meta.url))
const build = join(source, target.output)
const headers = dirname(createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h'))

const log = []
const done =
  run('cmake', [
    ...['-S', source, '-B', build, '-DCMAKE_BUILD_TYPE=Release', `-DNODE_API_INCLUDE=${headers}`],
    ...target.defines,
  ]) && run('cmake', ['--build', build, '--parallel', String(availableParallelism())])
if (!done) fail()

/** Runs a command quietly; its output is kept for the log. */
function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 })
  log.push(`$ ${command} ${args.join(' ')}`, result.stdout ?? '', result.stderr ?? '')
  if (result.error)
    log.push(result.error.code === 'ENOENT' ? `${command} is not installed` : String(result.error))
  return result.status === 0
}

function fail() {
  mkdirSync(build, { recursive: true })
  const file = join(build, 'build.log')
  writeFileSync(file, log.join('\n'))
  const reason = log.at(-1).trim().split('\n').at(-1) || 'the build failed'
  console.error(`${target.source} was not built: ${reason} (${file})`)
  if (values['if-possible']) return
  process.exitCode = 1
}
