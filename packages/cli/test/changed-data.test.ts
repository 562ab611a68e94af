import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFolderSet } from './folder-set.ts'
import { limbeck } from './limbeck.ts'

let home: string
let config: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-changed-'))
  config = await writeFolderSet(home)
})
afterEach(() => rm(home, { recursive: true }))

const train = (...flags: readonly string[]) =>
  limbeck(
    ...['train', config, '--runs', join(home, 'runs'), '--backend', 'ref', '--quiet'],
    ...['--set', 'samples=0', '--set', 'protocol.tasks=all', ...flags],
  )
const fileOf = (...parts: readonly string[]) => join(home, 'runs', 'tiny', ...parts)
const environment = async () => JSON.parse(await readFile(fileOf('environment.json'), 'utf8'))
const moveImages = () =>
  writeFile(join(home, 'set', 'splits.json'), JSON.stringify({ train: ['a', 'd', 'c'], validation: ['b'] }))

const folds = ['--set', 'protocol.folds={count: 2, by: image}', '--set', 'data.train=[train, validation]']
describe.each([
  { kind: 'one run', flags: [], unfinished: ['.'] },
  { kind: 'folds', flags: folds, unfinished: ['fold-1'] },
  { kind: 'two stages', flags: ['--set', 'twoStage={}'], unfinished: ['.', 'binary_class'] },
])('resumed: $kind', ({ flags, unfinished }) => {
  it('refuses images that went to another split', async () => {
    expect(await train(...flags)).toMatchObject({ code: 0, error: '' })
    for (const run of unfinished) await rm(fileOf(run, 'result.json'))
    await moveImages()
    const { code, error } = await train(...flags, '--resume')
    expect(error).toMatch(/the data set has changed since this run began/)
    expect(error).toContain(`SHA-256 ${(await environment()).dataChecksum}`)
    expect(error).toContain('--changed-data')
    expect(code).toBe(2)
  })
})

it('goes on with changed data when told to, and keeps that it did', async () => {
  await train()
  const { dataChecksum } = await environment()
  await rm(fileOf('result.json'))
  await moveImages()
  expect(await train('--resume', '--changed-data')).toMatchObject({ code: 0, error: '' })
  const { dataChecksum: first, dataChanges } = await environment()
  expect(first).toBe(dataChecksum)
  expect(dataChanges).toEqual([
    { date: expect.any(String), dataChecksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ])
  expect(await readFile(fileOf('report.html'), 'utf8')).toContain(dataChanges[0].dataChecksum)
  // a second time they are what the run knows
  await rm(fileOf('result.json'))
  expect(await train('--resume')).toMatchObject({ code: 0, error: '' })
})
