import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sample } from '@limbeck/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeImage, decodeMask } from '../src/formats/image.ts'
import { instanceMaps } from '../src/sets/instance-maps.ts'
import { firstDifference } from './map-comparison.ts'
import { sharedData } from './shared-data.ts'

const open = (options: object) => instanceMaps.open({ options: options as { path: string }, directory: '/' })

/** One after another, so that the first of several errors is that of the first sample. */
const all = async (options: object): Promise<Sample[]> => {
  const { splits } = await open({ shares: { all: 1 }, ...options })
  const samples: Sample[] = []
  for (const split of splits.values()) {
    for (const index of split.ids.keys()) samples.push(await split.read(index))
  }
  return samples
}

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'limbeck-instance-maps-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

async function expectEqual(sample: Sample, files: { image: string; mask: string; instances: string }) {
  const [image, mask, instances] = await Promise.all([
    decodeImage(files.image, { colour: true }),
    decodeMask(files.mask),
    decodeMask(files.instances),
  ])
  expect(firstDifference(sample.image, image.data)).toBe(-1)
  expect(firstDifference(sample.labels, mask.data)).toBe(-1)
  expect(firstDifference(sample.instances!, instances.data)).toBe(-1)
}

const png = (set: string, id: string) => ({
  image: join(set, 'images', `${id}.png`),
  mask: join(set, 'masks', `${id}.png`),
  instances: join(set, 'instances', `${id}.png`),
})

const pannuke = sharedData('pannuke-mini')
describe.skipIf(pannuke.absent)(`instance-maps on PanNuke's patches${pannuke.absent}`, () => {
  const classes = ['background', 'neoplastic', 'inflammatory', 'connective', 'dead', 'epithelial']

  it('reads HoVer-Net .mat files as the PNG files beside them', async () => {
    const root = await scratch()
    for (const id of ['patch1', 'patch3']) {
      await symlink(join(pannuke.path, 'images', `${id}.png`), join(root, `${id}.png`))
      await symlink(join(pannuke.path, 'original', `${id}.mat`), join(root, `${id}.mat`))
    }
    const samples = await all({ path: root, images: '{id}.png', instances: '{id}.mat', classes })
    expect(samples.map(({ id }) => id)).toEqual(['patch1', 'patch3'])
    for (const sample of samples) await expectEqual(sample, png(pannuke.path, sample.id))
  })

  it('has the class shares of the manifest', async () => {
    await expectShares(pannuke.path, { path: pannuke.path, types: 'masks/{id}.png', classes })
  })
})

const nucls = sharedData('nucls-mini')
describe.skipIf(nucls.absent)(`instance-maps on NuCLS${nucls.absent}`, () => {
  const classes = ['background', 'non-tumour nucleus', 'tumour nucleus']

  it('has the splits and the class shares of the manifest', async () => {
    await expectShares(nucls.path, { path: nucls.path, types: 'masks/{id}.png', classes })
  })

  it('refuses the pickled originals with a way out', async () => {
    const attempt = all({
      path: join(nucls.path, 'original'),
      images: '{id}.png',
      instances: '{id}.npy',
      classes,
    })
    await expect(attempt).rejects.toThrow('hint: convert it once')
  })
})

const consep = sharedData('consep')
describe.skipIf(consep.absent)(`instance-maps on CoNSeP${consep.absent}`, () => {
  const classes = ['background', 'other', 'inflammatory', 'epithelial', 'spindle-shaped']

  it('reads maps as .npy with the types of objects as .mat', async () => {
    const root = await scratch()
    for (const id of ['train_1_005', 'train_20_009']) {
      await symlink(join(consep.path, 'images', `${id}.jpg`), join(root, `${id}.jpg`))
    }
    await symlink(join(consep.path, 'original'), join(root, 'labels'))
    const options = {
      images: '{id}.jpg',
      instances: 'labels/{id}.inst.npy',
      types: 'labels/{id}.types.mat',
      group: '^(.*)_',
      classes,
    }
    const samples = await all({ path: root, ...options })
    expect(samples).toHaveLength(2)
    for (const sample of samples) {
      const files = png(consep.path, sample.id)
      await expectEqual(sample, { ...files, image: files.image.replace('.png', '.jpg') })
    }
    const { splits } = await open({ path: root, ...options, shares: { all: 1 } })
    expect(splits.get('all')!.groups).toEqual(['train_1', 'train_20'])
  })

  it('reads a whole tile, 1000 × 1000, out of compressed .mat', async () => {
    const root = await scratch()
    await symlink(join(consep.path, 'tiles', 'train_20.png'), join(root, 'train_20.png'))
    await symlink(join(consep.path, 'tiles'), join(root, 'tiles'))
    const samples = await all({ path: root, images: '{id}.png', instances: 'tiles/{id}.mat', classes })
    expect(samples).toHaveLength(1)
    const tile = join(consep.path, 'tiles', 'train_20')
    await expectEqual(samples[0]!, {
      image: `${tile}.png`,
      mask: `${tile}.mask.png`,
      instances: `${tile}.instances.png`,
    })
  })
})

/** Counts again what the manifest says of each split. */
async function expectShares(path: string, options: object): Promise<void> {
  const { statistics } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as {
    statistics: Record<string, { images: number; pixelFractionPercent: Record<string, number> }>
  }
  const { splits, classes } = await open(options)
  for (const [name, { images, pixelFractionPercent }] of Object.entries(statistics)) {
    const split = splits.get(name)!
    expect(split.ids).toHaveLength(images)
    const counts = classes.map(() => 0)
    for (const index of split.ids.keys()) for (const id of (await split.read(index)).labels) counts[id]!++
    const total = counts.reduce((sum, count) => sum + count)
    for (const { id, name: className } of classes) {
      expect((100 * counts[id]!) / total, className).toBeCloseTo(pixelFractionPercent[className]!, 2)
    }
  }
}

describe('instance-maps', () => {
  /** Two images of 2 × 2 pixels with HoVer-Net's five channels: colours, object, type. */
  async function patches(): Promise<string> {
    const root = await scratch()
    await mkdir(join(root, 'patches'))
    for (const id of ['a', 'b']) {
      const values = Int32Array.from(
        { length: 20 },
        (_, at) => [at, at, at, at < 10 ? 9 : 0, at < 10 ? 1 : 0][at % 5]!,
      )
      const head = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2, 5), }".padEnd(117)
      const prefix = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${head}\n`, 'latin1')
      await writeFile(join(root, 'patches', `${id}.npy`), Buffer.concat([prefix, Buffer.from(values.buffer)]))
    }
    return root
  }
  const options = { images: 'patches/{id}.npy', instances: 'patches/{id}.npy' }

  it('reads patches of five channels', async () => {
    const [sample] = await all({ path: await patches(), ...options })
    expect([...sample!.image]).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12, 15, 16, 17])
    expect([...sample!.labels]).toEqual([1, 1, 0, 0])
    expect([...sample!.instances!]).toEqual([9, 9, 0, 0])
  })

  it('takes splits from splits.json and leaves out what it does not name', async () => {
    const path = await patches()
    await writeFile(join(path, 'splits.json'), '{"validation": ["b"]}')
    const { splits, orphans } = await open({ path, ...options })
    expect([...splits].map(([name, { ids }]) => [name, ids])).toEqual([['validation', ['b']]])
    expect(orphans).toEqual([{ file: join(path, 'patches', 'a.npy'), lacks: 'a split' }])
    await writeFile(join(path, 'splits.json'), '{"validation": ["c"]}')
    await expect(open({ path, ...options })).rejects.toThrow('split "validation" names "c"')
    await writeFile(join(path, 'splits.json'), '{"train": ["a"], "validation": ["a"]}')
    await expect(open({ path, ...options })).rejects.toThrow('names "a", which is in "train" too')
  })

  it.each<[string, object, string]>([
    ['a pattern without a place for the name', { images: 'patches/a.npy' }, 'does not say where the name is'],
    ['a pattern that leads out', { images: '../{id}.npy' }, "names a file outside the data set's directory"],
    ['an image without a map', { instances: 'patches/{id}.mat' }, 'a.npy: has no map'],
    ['a group that does not match', { group: '^(x)' }, 'group finds none in the name "a"'],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(open({ path: await patches(), ...options, ...wrong })).rejects.toThrow(message)
  })

  it('refuses types that the classes do not name, and objects without types where several classes are', async () => {
    const path = await patches()
    const names = ['background', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
    await cp(join(path, 'patches'), join(path, 'maps'), { recursive: true })
    await expect(
      all({ path, ...options, classes: ['background', 'a'], types: 'maps/{id}.npy' }),
    ).resolves.toBeDefined()
    await writeFile(join(path, 'maps', 'a.npy'), flat([9, 9, 0, 0]))
    await writeFile(join(path, 'maps', 'b.npy'), flat([9, 9, 0, 0]))
    const maps = { images: 'patches/{id}.npy', instances: 'maps/{id}.npy' }
    expect((await all({ path, ...maps }))[0]!.labels).toEqual(Uint8Array.of(1, 1, 0, 0))
    await expect(all({ path, ...maps, classes: names })).rejects.toThrow('a.npy: has no types of its objects')
    await expect(all({ path, ...maps, types: 'maps/{id}.npy' })).rejects.toThrow('unknown label 9')
  })

  const flat = (values: readonly number[]): Buffer => {
    const head = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117)
    return Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00\x76\x00${head}\n`, 'latin1'), Buffer.from(values)])
  }
})
