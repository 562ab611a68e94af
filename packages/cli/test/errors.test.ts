import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFolderSet, writeImage } from './folder-set.ts'
import { limbeck } from './limbeck.ts'

let home: string
let config: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-cli-'))
  config = await writeFolderSet(home)
})
afterEach(() => rm(home, { recursive: true }))

const train = (...flags: readonly string[]) =>
  limbeck('train', config, '--runs', join(home, 'runs'), '--backend', 'ref', ...flags)
const file = (...parts: readonly string[]) => join(home, 'set', ...parts)
const entries = () => readdir(home)

/** What is wrong, how it is brought about, and what the message must say. */
const mistakes: readonly {
  readonly what: string
  readonly make?: () => Promise<void>
  readonly flags?: readonly string[]
  readonly says: readonly (string | RegExp)[]
}[] = [
  {
    what: 'a missing image',
    make: () => rm(file('images', 'b.png')),
    says: ['names "b", but there is no such file', 'images'],
  },
  {
    what: 'a mask of another size',
    make: () => writeImage(file('masks', 'c.png'), new Uint8Array(16 * 12), { size: 16, channels: 1 }),
    says: [/c\.png: has another size than its image/, 'expected 16 × 16', 'received 16 × 12'],
  },
  {
    what: 'an unknown class id',
    make: () =>
      writeImage(file('masks', 'a.png'), new Uint8Array(256).fill(7, 17, 18), { size: 16, channels: 1 }),
    says: [/a\.png: unknown class id 7/, '2 green', 'row 1, column 1'],
  },
  {
    what: 'a corrupt PNG',
    make: () => truncate(file('images', 'd.png'), 60),
    says: [/d\.png: cannot be decoded/],
  },
  {
    what: 'a misspelt key',
    flags: ['--set', 'optimizer.learningrate=1'],
    says: ['unknown key "learningrate" at optimizer', 'did you mean "learningRate"?'],
  },
  {
    what: 'a misspelt option of a method',
    flags: ['--set', 'method.options.diceWieght=1'],
    says: ['diceWieght', 'did you mean "diceWeight"?'],
  },
  {
    what: 'an unknown method',
    flags: ['--set', 'method.use=plob'],
    says: ['unknown name "plob"', 'did you mean "plop"?'],
  },
  {
    what: 'an unknown tap',
    flags: [
      '--set',
      'method={use: compose, options: {terms: {ce: {loss: cross-entropy, reads: {logits: student.logit, labels: batch.labels}}}}}',
    ],
    says: ['term "ce" reads "student.logit", which nothing provides', 'did you mean "student.logits"?'],
  },
  {
    what: 'a config without a method',
    make: async () => {
      const config = join(home, 'config.yaml')
      const text = await readFile(config, 'utf8')
      await writeFile(config, text.replace(/^method:.*$/m, ''))
    },
    says: ['missing key "method"'],
  },
  {
    what: 'a value out of range',
    flags: ['--set', 'batch.size=0'],
    says: ['at batch.size, received 0'],
  },
  {
    what: 'an unknown class',
    flags: ['--set', 'protocol.tasks=[[red], [gren]]'],
    says: ['no foreground class is named "gren"', 'did you mean "green"?'],
  },
  {
    what: 'an unknown split',
    flags: ['--set', 'data.validation=test'],
    says: ['data.validation: ', 'has no split "test"', 'expected one of train, validation'],
  },
  {
    what: 'a split without images',
    make: () => {
      const splits = { train: ['a', 'b'], validation: [] }
      return writeFile(join(home, 'set', 'splits.json'), JSON.stringify(splits))
    },
    says: ['data.validation: there is no image to measure on', 'protocol.holdout'],
  },
  {
    what: 'a checkpoint that is none',
    make: () => writeFile(join(home, 'none.safetensors'), 'no'),
    flags: ['--set', 'startFrom=none.safetensors'],
    says: ['none.safetensors', 'too few'],
  },
]

describe('limbeck train', () => {
  it.each(mistakes)('refuses $what with code 2 and writes nothing', async ({ make, flags = [], says }) => {
    await make?.()
    const before = await entries()
    const { code, error, out } = await train(...flags)
    for (const words of says) expect(error).toMatch(words)
    expect(error).not.toMatch(/^\s+at .*:\d+:\d+/m)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(await entries()).toEqual(before)
  })

  it('refuses a run directory that cannot be written', async () => {
    await writeFile(join(home, 'runs'), 'a file is in the way')
    const { code, error } = await train()
    expect(error).toContain('the run directory cannot be written')
    expect(code).toBe(2)
    expect(await readFile(join(home, 'runs'), 'utf8')).toBe('a file is in the way')
  })

  it('refuses to write over a run, and leaves it as it is', async () => {
    expect(await train()).toMatchObject({ code: 0 })
    const before = await readFile(join(home, 'runs', 'tiny', 'result.json'), 'utf8')
    const { code, error } = await train()
    expect(error).toMatch(/holds a run already.*--resume.*--replace/s)
    expect(code).toBe(2)
    expect(await readFile(join(home, 'runs', 'tiny', 'result.json'), 'utf8')).toBe(before)
  })

  it('fails with code 1 when a run that has begun breaks', async () => {
    const { code, error } = await train('--set', 'optimizer.learningRate=1e30', '--set', 'epochs=9')
    expect(error).toContain('the loss is')
    expect(code).toBe(1)
  })
})
