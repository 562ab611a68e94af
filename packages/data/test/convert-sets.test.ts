import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkDataset, dataPlugin, folder, writeFolder } from '@limbeck/data'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { expectSame, fixture } from './fixture.ts'

const arrays = new URL('fixtures/array-sets/', import.meta.url).pathname
const nucls = new URL('fixtures/nucls', import.meta.url).pathname

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'limbeck-convert-'))
})
afterEach(() => rm(out, { recursive: true }))

it.each<[string, Record<string, unknown>]>([
  ['pannuke', { path: join(arrays, 'pannuke'), folds: { train: [1], test: [2] } }],
  ['lizard', { path: join(arrays, 'lizard') }],
  ['consep', { path: join(arrays, 'consep'), shares: { train: 1, validation: 1 } }],
  ['monusac', { path: fixture('monusac', 'train'), shares: { train: 1, validation: 1 } }],
  ['coco', { path: fixture('coco'), annotations: 'instances.golden.json', shares: { all: 1 } }],
  ['nucls', { path: nucls, shares: { train: 1, validation: 1 } }],
  ['acdc', { path: fixture('hdf5'), shares: { train: 1, validation: 1 } }],
])('%s is checked, and is the same set once it is a folder', async (use, options) => {
  const set = dataPlugin.datasets!.find(({ spec }) => spec.name === use)!
  const dataset = await set.open({ options, directory: '/' })
  const { findings } = await checkDataset(dataset)
  expect(findings.filter(({ kind }) => kind === 'unreadable' || kind === 'unknown-class')).toEqual([])
  await writeFolder(dataset, out, { source: { use } })
  const converted = await folder.open({ options: { path: out }, directory: '/' })
  expect(converted.classes).toEqual(dataset.classes)
  for (const [name, split] of dataset.splits) {
    const folderSplit = converted.splits.get(name)!
    expect(folderSplit.groups).toEqual(split.groups)
    for (const index of split.ids.keys()) {
      const [before, after] = [await split.read(index), await folderSplit.read(index)]
      // PNG has no floats: they become the nearest of 65536 steps
      const floats = before.image instanceof Float32Array
      const image = floats
        ? Uint16Array.from(before.image, (value) => Math.round(value * 65535))
        : before.image
      expectSame(after.image, image, `${before.id}, image`)
      expectSame(after.labels, before.labels, `${before.id}, labels`)
      if (before.instances) expectSame(after.instances!, before.instances, `${before.id}, instances`)
    }
  }
})
