import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands.ts'
import { limbeck } from './limbeck.ts'

describe('usage', () => {
  it.each([
    { argv: [], code: 2, out: 'usage: limbeck VERB' },
    { argv: ['--help'], code: 0, out: 'usage: limbeck VERB' },
    { argv: ['help', 'train'], code: 0, out: '--resume' },
    { argv: ['--version'], code: 0, out: /^\d+\.\d+\.\d+/ },
    { argv: ['trian'], code: 2, error: 'did you mean "train"?' },
    { argv: ['train'], code: 2, error: 'CONFIG is missing' },
    { argv: ['train', 'a.yaml', 'b.yaml'], code: 2, error: 'too many arguments' },
    { argv: ['train', 'a.yaml', '--resum'], code: 2, error: 'did you mean --resume?' },
    { argv: ['train', 'a.yaml', '--runs'], code: 2, error: 'expected --runs DIR' },
    { argv: ['train', 'a.yaml', '--json=yes'], code: 2, error: '--json takes no value' },
    { argv: ['train', 'a.yaml', '--name', 'a', '--name', 'b'], code: 2, error: '--name is given twice' },
    { argv: ['train', '/nowhere/a.yaml'], code: 2, error: '/nowhere/a.yaml: cannot be read' },
    { argv: ['train', '.'], code: 2, error: 'limbeck train --resume . goes on with a run' },
    { argv: ['train', '--resume', '.'], code: 2, error: 'not a run directory' },
    { argv: ['train', '--resume', '--replace', '.'], code: 2, error: 'exclude each other' },
    { argv: ['eval', '/nowhere'], code: 2, error: 'cannot be read' },
    { argv: ['list', 'loses'], code: 2, error: 'did you mean "losses"?' },
    { argv: ['explain', 'unit'], code: 2, error: 'did you mean "unet"?' },
    { argv: ['report', '.'], code: 2, error: 'not a run directory' },
    { argv: ['demo', '--seeds', '0'], code: 2, error: 'a whole number above 0' },
  ])('limbeck $argv', async ({ argv, code, out = '', error = '' }) => {
    const outcome = await limbeck(...argv)
    expect(outcome.out).toMatch(out)
    expect(outcome.error).toMatch(error)
    expect(outcome.code).toBe(code)
  })

  const verbs = commands.flatMap((command) => ('commands' in command ? command.commands : [command]))
  it.each(verbs)('limbeck $name --help names every flag', async ({ name, flags, arguments: args }) => {
    const { code, out } = await limbeck(...name.split(' '), '--help')
    for (const flag of Object.keys(flags)) expect(out).toContain(`--${flag}`)
    for (const argument of args) expect(out).toContain(argument.name)
    expect(code).toBe(0)
  })
})

describe('limbeck list', () => {
  it('lists what comes with Limbeck', async () => {
    const { code, out } = await limbeck('list')
    for (const name of ['local-pod', 'plop', 'unet', 'folder', 'poly'])
      expect(out).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(code).toBe(0)
  })

  it('adds what a plugin brings', async () => {
    const plugin = new URL('../../../examples/plugins/dilated-net.ts', import.meta.url).pathname
    const { out } = await limbeck('list', 'models', '--json', '--plugin', plugin)
    expect(JSON.parse(out).models).toContainEqual({
      plugin: 'dilated-net',
      name: 'dilated-net',
      summary: 'Convolutions of growing dilation at full resolution.',
    })
  })
})

describe('limbeck explain', () => {
  it('tells inputs, options and defaults', async () => {
    const { out } = await limbeck('explain', 'local-pod')
    expect(out).toMatch(/teacher +map, .*target: receives no gradient/)
    expect(out).toMatch(/scales +default \[1,2,4\]/)
  })

  it('tells what each preset sets', async () => {
    const { out } = await limbeck('explain', 'rcil')
    expect(out).toMatch(/presets\n +corrected +official\n/)
    expect(out).toMatch(/newBranch +"copy" +"keep"/)
  })
})

describe('limbeck schema', () => {
  it('knows every method', async () => {
    const { out } = await limbeck('schema')
    const { properties } = JSON.parse(out)
    const uses = properties.method.oneOf.map(
      (one: { properties: { use: { const: string } } }) => one.properties.use.const,
    )
    expect(uses).toContain('plop')
  })
})

describe('limbeck doctor', () => {
  it('finds the reference backend with every kernel of the contract', async () => {
    const { out } = await limbeck('doctor', '--json')
    const findings = JSON.parse(out) as { what: string; state: string; detail: string }[]
    const ref = findings.find(({ what }) => what === 'backend ref')!
    expect(ref.state).toBe('ok')
    expect(ref.detail).not.toMatch(/missing|composite/)
    expect(findings.find(({ what }) => what === 'images')).toMatchObject({ state: 'ok' })
  })
})
