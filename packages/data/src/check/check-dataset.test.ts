import { DataError, type Dataset, type Split } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { checkDataset } from './check-dataset.ts'

interface Image {
  readonly id: string
  readonly labels: readonly number[]
  readonly width?: number
  readonly group?: string
  readonly broken?: boolean
}

/** Images of two rows; pixels differ from image to image. */
function setOf(splits: Readonly<Record<string, readonly Image[]>>): Dataset {
  let seed = 0
  const splitOf = (name: string, images: readonly Image[]): Split => {
    const first = seed
    seed += images.length
    return {
      name,
      ids: images.map(({ id }) => id),
      ...(images[0]?.group !== undefined && { groups: images.map(({ group }) => group!) }),
      async read(index) {
        const { id, labels, broken } = images[index]!
        if (broken)
          throw new DataError('data/corrupt', `${id}.png: cannot be decoded`, { hint: 'is it complete?' })
        const image = Uint8Array.from(labels, (_, at) => (first + index) * 7 + (at % 2))
        return {
          id,
          width: labels.length / 2,
          height: 2,
          channels: 1,
          image,
          labels: Uint8Array.from(labels),
        }
      },
    }
  }
  const classes = ['background', 'nucleus'].map((name, id) => ({ id, name, color: [0, 0, 0] as const }))
  return {
    name: 'set',
    classes,
    channels: 1,
    splits: new Map(Object.entries(splits).map(([name, images]) => [name, splitOf(name, images)])),
  }
}

const fine: Image = { id: 'a', labels: [0, 0, 0, 1] }

describe('checkDataset', () => {
  it('counts images, pixels by class, sizes and groups of each split', async () => {
    const { splits, findings } = await checkDataset(
      setOf({
        train: [
          { id: 'a', labels: [0, 0, 0, 1], group: 'x' },
          { id: 'b', labels: [0, 0, 0, 0, 255, 255, 255, 255], group: 'x' },
          { id: 'c', labels: [1, 1], group: 'y' },
        ],
        test: [{ id: 'd', labels: [0, 1], group: 'z' }],
      }),
    )
    expect(splits[0]).toEqual({
      name: 'train',
      images: 3,
      readable: 3,
      pixels: 14,
      ignoredShare: 4 / 14,
      classes: [
        { id: 0, name: 'background', pixels: 7, share: 0.7, images: 2 },
        { id: 1, name: 'nucleus', pixels: 3, share: 0.3, images: 2 },
      ],
      width: { min: 1, median: 2, max: 4 },
      height: { min: 2, median: 2, max: 2 },
      groups: 2,
    })
    expect(splits[1]).toMatchObject({ images: 1, groups: 1 })
    expect(findings).toEqual([])
  })

  it.each<[string, Dataset, object]>([
    [
      'an image that cannot be read',
      setOf({ train: [fine, { id: 'b', labels: [], broken: true }] }),
      {
        kind: 'unreadable',
        level: 'error',
        message: 'train/b: b.png: cannot be decoded; hint: is it complete?',
      },
    ],
    [
      'an id outside the classes',
      setOf({ train: [fine, { id: 'b', labels: [7, 0, 0, 9] }] }),
      {
        kind: 'unknown-class',
        level: 'error',
        message: 'train/b: holds class 7, 9, which the set does not name',
      },
    ],
    [
      'a group in two splits',
      setOf({ train: [{ ...fine, group: 'p' }], test: [{ id: 'b', labels: [0, 1], group: 'p' }] }),
      { kind: 'shared-group', level: 'error', message: 'group "p" is divided among train, test' },
    ],
    [
      'an image in two splits',
      setOf({ train: [fine], test: [fine] }),
      { kind: 'shared-id', level: 'error', message: 'image "a" is in train and test' },
    ],
    [
      'a file without its counterpart',
      { ...setOf({ train: [fine] }), orphans: [{ file: '/x/b.png', lacks: 'a mask' }] },
      { kind: 'orphan', level: 'error', message: '/x/b.png: lacks a mask' },
    ],
    [
      'a class that a split lacks',
      setOf({ train: [fine], test: [{ id: 'b', labels: [0, 0] }] }),
      { kind: 'absent-class', level: 'note', message: 'test: no pixel of "nucleus"' },
    ],
    [
      'masks that show objects as 255, which is ignored',
      setOf({
        train: [
          { id: 'a', labels: [0, 0, 0, 255] },
          { id: 'b', labels: [0, 0, 0, 0] },
        ],
      }),
      {
        kind: 'absent-class',
        level: 'error',
        message:
          'train: no pixel of any class but "background", and 12.5 % that are ignored (255): if those are objects, give them the id of their class',
      },
    ],
  ])('finds %s, and nothing else', async (_, dataset, finding) => {
    expect((await checkDataset(dataset)).findings).toEqual([finding])
  })

  it('finds equal pixels in two splits', async () => {
    const dataset = setOf({ train: [fine] })
    const again: Split = { ...dataset.splits.get('train')!, name: 'test', ids: ['b'] }
    const { findings } = await checkDataset({
      ...dataset,
      splits: new Map([...dataset.splits, ['test', again]]),
    })
    expect(findings).toMatchObject([{ kind: 'duplicate', level: 'error' }])
  })

  it('reports what it finds in the order of the set', async () => {
    const broken = Array.from({ length: 20 }, (_, i) => ({ id: `i${i}`, labels: [], broken: true }))
    const { findings } = await checkDataset(setOf({ train: broken }))
    expect(
      findings.filter(({ kind }) => kind === 'unreadable').map(({ message }) => message.split(':')[0]),
    ).toEqual(broken.map(({ id }) => `train/${id}`))
  })

  it('tells how far it is', async () => {
    const steps: string[] = []
    await checkDataset(setOf({ train: [fine, { id: 'b', labels: [0, 1] }] }), {
      onProgress: (done, of) => steps.push(`${done}/${of}`),
    })
    expect(steps).toEqual(['1/2', '2/2'])
  })
})
