import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const execute = promisify(execFile)
const repository = fileURLToPath(new URL('../', import.meta.url))
const MINUTES = 60_000

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-packed-'))
  await execute('npm', ['pack', '--workspaces', '--pack-destination', home], { cwd: repository })
  const tarballs = (await readdir(home)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`)
  await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }')
  // what npm ci fetched is in npm's cache; nothing else has to be
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-save']
  await execute('npm', ['install', ...flags, ...tarballs], { cwd: home })
}, 4 * MINUTES)
afterAll(() => rm(home, { recursive: true, force: true }))

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
