import { defineDataset, type Sample, type Split } from '@limbeck/core'
import { macenko, reinhard } from '@limbeck/data'
import { describe, expect, it } from 'vitest'
import { createRegistry } from '../config/parse-config.ts'

const syntheticOf = (method?: string) => ({
  directory: '/',
  options: {
    of: { use: 'synthetic-nuclei', options: { size: 64, train: 2, validation: 1, test: 0 } },
    ...(method && { method }),
  },
})

async function firstOf(split: Split | undefined): Promise<Sample> {
  return split!.read(0)
}

describe('stain-normalised', () => {
  const registry = createRegistry()

  it.each([
    ['macenko', macenko],
    ['reinhard', reinhard],
  ] as const)(
    'shows the images of another set through %s, in every split, as bytes',
    async (name, method) => {
      const set = await registry.get('datasets', 'stain-normalised').open(syntheticOf(name) as never)
      const plain = await registry
        .get('datasets', 'synthetic-nuclei')
        .open({ directory: '/', options: syntheticOf().options.of.options } as never)
      expect([...set.splits.keys()]).toEqual([...plain.splits.keys()])
      for (const split of ['train', 'validation']) {
        const [normalised, before] = await Promise.all([
          firstOf(set.splits.get(split)),
          firstOf(plain.splits.get(split)),
        ])
        const expected = Uint8Array.from(method(before).image, (value) => Math.round(value * 255))
        expect(normalised).toEqual({ ...before, image: expected })
        expect(normalised.image).not.toEqual(before.image)
      }
    },
  )

  it('says by which way, and refuses to do it twice or in part', async () => {
    const { of } = syntheticOf().options
    const stained = { use: 'stain-normalised', options: { of, method: 'reinhard' } }
    const open = (use: string, options: object) =>
      registry.get('datasets', use).open({ directory: '/', options } as never)
    const set = await open('stain-normalised', stained.options)
    expect(set.stains).toBe('reinhard')
    expect(await open('merged', { of: stained, classes: 'foreground' })).toMatchObject({ stains: 'reinhard' })
    expect(await open('joined', { sets: { a: stained, b: stained } })).toMatchObject({ stains: 'reinhard' })
    await expect(open('stain-normalised', { of: stained })).rejects.toThrow('normalised already')
    await expect(open('joined', { sets: { a: stained, b: of } })).rejects.toThrow(
      /of some sets are normalised.*a: reinhard, b: as they are/s,
    )
  })

  it('keeps what the set knows of its images', async () => {
    const known: Split = {
      name: 'train',
      ids: ['a'],
      groups: ['patient'],
      members: ['set'],
      sources: () => ['/a.png'],
      summary: async () => ({ id: 'a', width: 1, height: 1, channels: 3, pixels: new Map([[0, 1]]) }),
      read: async () => {
        throw new Error('not asked for')
      },
    }
    const set = defineDataset({
      name: 'known',
      summary: 'One image.',
      options: {},
      open: async () => ({ name: 'known', channels: 3, classes: [], splits: new Map([['train', known]]) }),
    })
    const opened = await createRegistry([{ name: 'test', datasets: [set] }])
      .get('datasets', 'stain-normalised')
      .open({ directory: '/', options: { of: { use: 'known' } } } as never)
    const split = opened.splits.get('train')!
    expect([split.groups, split.members, split.sources!(0)]).toEqual([['patient'], ['set'], ['/a.png']])
    expect((await split.summary!(0)).pixels.get(0)).toBe(1)
  })
})
