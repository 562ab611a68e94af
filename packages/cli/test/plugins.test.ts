import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limbeck } from './limbeck.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
let home: string
let before: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-plugins-'))
  await symlink(join(repository, 'node_modules'), join(home, 'node_modules'))
  before = process.cwd()
  process.chdir(home)
})
afterEach(async () => {
  process.chdir(before)
  await rm(home, { recursive: true })
})

describe('limbeck new', () => {
  it.each(['loss', 'method', 'model', 'plugin'])('writes a %s that passes check-plugin', async (kind) => {
    expect(await limbeck('new', kind, `my-${kind}`)).toMatchObject({ code: 0, error: '' })
    const { code, out } = await limbeck('check-plugin', `my-${kind}.ts`)
    expect(out).toContain(`plugin "my-${kind}": all is well`)
    expect(code).toBe(0)
  })

  it('writes a config that says where it stands when its data is wrong', async () => {
    await limbeck('new', 'config', 'first')
    const { error } = await limbeck('train', 'first.yaml', '--set', 'data.options.sise=4')
    expect(error).toContain('did you mean "size"?')
  })

  it('never writes over a file', async () => {
    await limbeck('new', 'loss', 'mine')
    const { code, error } = await limbeck('new', 'loss', 'mine')
    expect(error).toContain('EEXIST')
    expect(code).toBe(2)
  })
})

describe('limbeck check-plugin', () => {
  it.each(['spatial-attention', 'look-alike', 'dilated-net'])(
    'is content with the example %s',
    async (name) => {
      const file = join(repository, 'examples/plugins', `${name}.ts`)
      const { code, out, error } = await limbeck('check-plugin', file)
      expect(error).toBe('')
      expect(out).toContain(`plugin "${name}": all is well`)
      expect(code).toBe(0)
    },
  )

  it('finds a wrong gradient, a missing sentence and a number that is none', async () => {
    await writeFile(
      'wrong.ts',
      `import { defineLoss, definePlugin, detach, map, tf, z } from '@limbeck/core'
const halfDetached = defineLoss({
  name: 'half-detached', summary: 'no sentence', inputs: { a: map() }, options: {},
  compute: ({ a }) => tf.mean(tf.mul(a, detach(a))),
})
const infinite = defineLoss({
  name: 'infinite', summary: 'The logarithm of nothing.', inputs: { a: map() },
  options: { silent: z.number().default(1), told: z.number().describe('said').default(1) },
  compute: ({ a }) => tf.log(tf.mul(tf.mean(tf.abs(a)), 0)),
})
export default definePlugin({ name: 'wrong', losses: [halfDetached, infinite] })
`,
    )
    const { code, out } = await limbeck('check-plugin', 'wrong.ts', '--json')
    const failed = JSON.parse(out)
      .filter(({ failure }: { failure?: string }) => failure)
      .map(({ subject, what }: { subject: string; what: string }) => `${subject} ${what}`)
    expect(failed).toContain('loss half-detached is documented')
    expect(failed).toContain(
      'loss half-detached has the gradient of its value (float64, central differences)',
    )
    expect(failed).toContain('loss infinite gives a finite number')
    expect(failed).toContain('loss infinite tells what each option does')
    expect(out).toContain('received silent"')
    expect(code).toBe(1)
  })

  it.each([
    ['export default { name: "x", loses: [] }', 'did you mean "losses"?'],
    ['export default { name: "x", losses: [3] }', 'losses[0] is not what a plugin lists'],
    ['export default { name: "x", models: () => 1 }', 'a list of what defineModel({ … }) gives'],
    ['export default 3', 'expected export default definePlugin'],
    ['export default {', 'cannot be loaded'],
    [undefined, 'file.ts: does not exist'],
  ])('refuses %j', async (text, message) => {
    if (text !== undefined) await writeFile('file.ts', text)
    const { code, error } = await limbeck('check-plugin', 'file.ts')
    expect(error).toContain(message)
    expect(code).toBe(2)
  })
})
