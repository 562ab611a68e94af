import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeFolderSet } from './folder-set.ts'
import { limbeck } from './limbeck.ts'

const SPLIT = 'd'
let home: string
let config: string
const normalised = (set: string) =>
  `data: { use: stain-normalised, options: { method: reinhard, of: { use: folder, options: { path: ${set} } } } }`
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-stains-'))
  config = await writeFolderSet(home)
  const plain = await readFile(config, 'utf8')
  await writeFile(join(home, 'stained.yaml'), plain.replace(/^data:.*$/m, normalised('set')))
  const flags = ['--runs', join(home, 'runs'), '--backend', 'ref', '--quiet', '--set', 'predictions=true']
  const { code, error } = await limbeck('train', join(home, 'stained.yaml'), ...flags)
  expect({ code, error }).toEqual({ code: 0, error: '' })
})
afterAll(() => rm(home, { recursive: true }))

const run = () => join(home, 'runs', 'tiny')
const maskOf = (file: string) => sharp(file).toColourspace('b-w').raw().toBuffer()

it('predict normalises a raw file as training did its images', async () => {
  const image = join(home, 'set', 'images', `${SPLIT}.png`)
  const out = join(home, 'out')
  for (const [flags, file] of [
    [[], `${SPLIT}.mask.png`],
    [['--tiff'], `${SPLIT}.mask.tif`],
  ] as const) {
    const { code } = await limbeck('predict', run(), image, '--out', out, '--backend', 'ref', ...flags)
    expect(code).toBe(0)
    const trained = await maskOf(join(run(), 'predictions', `${SPLIT}.mask.png`))
    expect(await maskOf(join(out, file))).toEqual(trained)
    expect(new Set(trained).size).toBeGreaterThan(1)
  }
})

it('eval normalises a set of raw images, and finds what the run found', async () => {
  const found = JSON.parse(await readFile(join(run(), 'result.json'), 'utf8')).tasks[1].metrics.confusion
  const { out } = await limbeck('eval', run(), '--data', config, '--backend', 'ref', '--json')
  expect(JSON.parse(out).metrics.confusion).toEqual(found)
})

it('eval refuses a set that is normalised in another way', async () => {
  const other = join(home, 'macenko.yaml')
  const text = await readFile(join(home, 'stained.yaml'), 'utf8')
  await writeFile(other, text.replace('reinhard', 'macenko'))
  const { code, error } = await limbeck('eval', run(), '--data', other, '--backend', 'ref')
  expect(error).toMatch(/normalised in another way.*expected reinhard.*received macenko/s)
  expect(code).toBe(2)
})

it('train warns when a model that it starts from learnt from other stains', async () => {
  const startFrom = join(run(), 'checkpoints', 'task-0', 'last.safetensors')
  const warnings: string[] = []
  const hear = ({ message }: Error) => void warnings.push(message)
  process.on('warning', hear)
  const flags = ['--set', `startFrom=${startFrom}`, '--name', 'raw', '--quiet', '--set', 'samples=0']
  await limbeck('train', config, ...flags, '--runs', join(home, 'runs'), '--backend', 'ref')
  await new Promise((resolve) => setImmediate(resolve))
  process.removeListener('warning', hear)
  expect(warnings).toContainEqual(expect.stringMatching(/stains reinhard, this run .* stains as they are/))
})

it('export says that whoever uses the model has to normalise', async () => {
  const file = join(home, 'weights.safetensors')
  const { error } = await limbeck('export', run(), '--format', 'safetensors', '--out', file)
  expect(error).toContain('stains were normalised (reinhard)')
})
