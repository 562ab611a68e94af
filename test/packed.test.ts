import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const execute = promisify(execFile)
const repository = fileURLToPath(new URL('../', import.meta.url))
const MINUTES = 60_000

/** Directories of two installations, and of the packages as npm packs them. */
let home: string
let linkedHome: string
let tarballs: string
beforeAll(async () => {
  const directory = (name: string) => mkdtemp(join(tmpdir(), `limbeck-${name}-`))
  ;[home, linkedHome, tarballs] = (await Promise.all(['packed', 'linked', 'tarballs'].map(directory))) as [
    string,
    string,
    string,
  ]
  await execute('npm', ['pack', '--workspaces', '--pack-destination', tarballs], { cwd: repository })
  await install(home, { dependencies: await packed() })
}, 4 * MINUTES)
afterAll(() =>
  Promise.all([home, linkedHome, tarballs].map((path) => rm(path, { recursive: true, force: true }))),
)

/** The packages by name, as dependencies. */
async function packed(): Promise<Record<string, string>> {
  const names = (await readdir(tarballs)).map((file) => {
    const name = file.replace(/-\d+\.\d+\.\d+\.tgz$/, '')
    return [name.replace(/^limbeck-/, '@limbeck/'), `file:${join(tarballs, file)}`]
  })
  return Object.fromEntries(names)
}

async function install(directory: string, manifest: object, ...flags: readonly string[]): Promise<void> {
  const text = JSON.stringify({ private: true, type: 'module', ...manifest })
  await writeFile(join(directory, 'package.json'), text)
  // what npm ci fetched is in npm's cache; nothing else has to be
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-save']
  await execute('npm', ['install', ...quiet, ...flags], { cwd: directory })
}

const limbeck = (...args: readonly string[]) =>
  execute(join(home, 'node_modules', '.bin', 'limbeck'), args, {
    cwd: home,
    env: { ...process.env, LIMBECK_BACKEND: 'ref' },
  })

describe('the packages as npm installs them', () => {
  it('train five steps in plain Node', async () => {
    await limbeck('new', 'config', 'five')
    const settings = ['data.options.size=16', 'protocol.tasks=all', 'epochs=1', 'stepsPerEpoch=5']
    await limbeck('train', 'five.yaml', ...settings.flatMap((one) => ['--set', one]))
    const { tasks } = JSON.parse(await readFile(join(home, 'runs', 'five', 'result.json'), 'utf8'))
    expect(tasks[0].classes).toHaveLength(5)
  })

  it('bring the templates and the configs of the demo', async () => {
    await limbeck('new', 'loss', 'my-loss')
    expect((await limbeck('check-plugin', 'my-loss.ts')).stdout).toContain('all is well')
    const examples = await readdir(join(home, 'node_modules', '@limbeck', 'cli', 'examples'))
    expect(examples).toContain('synthetic-3-1.yaml')
  })

  it('export everything from one name', async () => {
    const script =
      "import { plop, unet, localPod, run, tf } from 'limbeck'; console.log(typeof run, plop().name)"
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], { cwd: home })
    expect(stdout.trim()).toBe('function plop')
  })
})

describe('the packages where each sees its own dependencies alone, as with pnpm', () => {
  beforeAll(async () => {
    const { limbeck, '@limbeck/backend-cuda': cuda, ...others } = await packed()
    const dependencies = { limbeck, '@limbeck/backend-cuda': cuda }
    await install(linkedHome, { dependencies, overrides: others }, '--install-strategy=linked')
  }, 4 * MINUTES)

  const bin = (name: string) => join(linkedHome, 'node_modules', '.bin', name)

  it('find the backends, those of the program and those of the project', async () => {
    const { stdout } = await execute(bin('limbeck'), ['doctor', '--json'], { cwd: linkedHome })
    const findings = JSON.parse(stdout) as { readonly what: string; readonly detail: string }[]
    const detail = (what: string) => findings.find((finding) => finding.what === what)?.detail
    expect(detail('backend ref')).toContain('66/66 training')
    expect(detail('backend cuda')).toContain('limbeck_cuda.node: not built')
    expect(detail('backend simd')).toBe('@limbeck/backend-simd is not installed')
  })

  const without = spawnSync('cmake', ['--version']).status === 0 ? '' : ' (skipped: no cmake)'
  it.skipIf(without)(`tell CMake where @limbeck/native lies${without}`, async () => {
    // configures, and builds nothing
    const script = `#!/bin/sh\n[ "$1" = --build ] && exit 0\nPATH=$REAL_PATH; exec cmake "$@"\n`
    const tools = join(linkedHome, 'tools')
    await mkdir(tools)
    await writeFile(join(tools, 'cmake'), script, { mode: 0o755 })
    const env = { ...process.env, REAL_PATH: process.env.PATH, PATH: `${tools}:${process.env.PATH}` }
    await execute(bin('limbeck-build'), ['emulated'], { cwd: linkedHome, env })
    const build = join(linkedHome, 'node_modules', '@limbeck', 'backend-cuda', 'build', 'emulated')
    const cache = await readFile(join(build, 'CMakeCache.txt'), 'utf8')
    const native = /^NATIVE:PATH=(.*)$/m.exec(cache)![1]!
    expect(await readdir(join(native, 'include', 'limbeck'))).toContain('device.h')
    expect(native).toContain(join('.store', '@limbeck', 'native@'))
  })
})
