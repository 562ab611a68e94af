import { describe, expect, it } from 'vitest'
import { classTable } from './class-table.ts'
import { type SetItem, setOfItems } from './set-of-items.ts'

const item = (id: string, more: Partial<SetItem> = {}): SetItem => ({
  id,
  group: id.split('-')[0]!,
  sources: [`/set/${id}.png`],
  read: async () => ({
    width: 1,
    height: 1,
    channels: 3,
    image: new Uint8Array(3),
    labels: new Uint8Array(1),
  }),
  ...more,
})
const open = (items: readonly SetItem[], options: object = {}) =>
  setOfItems(
    { name: 'tiny', root: '/set', classes: classTable(['background', 'nucleus']), channels: 3, items },
    { path: '/set', shares: { train: 1, validation: 1 }, ...options },
  )
const idsOf = (items: readonly SetItem[], options: object = {}) =>
  [...open(items, options).splits].map(([name, { ids }]) => [name, [...ids]])

describe('setOfItems', () => {
  it('keeps published splits and divides the others by group', () => {
    const items = [
      item('t', { split: 'test' }),
      ...['a', 'b'].flatMap((g) => [item(`${g}-1`), item(`${g}-2`)]),
    ]
    const splits = new Map(idsOf(items) as [string, string[]][])
    expect(splits.get('test')).toEqual(['t'])
    expect([splits.get('train'), splits.get('validation')].sort()).toEqual([
      ['a-1', 'a-2'],
      ['b-1', 'b-2'],
    ])
  })

  it('says what each image was cut from and which files it is read from', async () => {
    const split = open([item('a-1'), item('b-1')], { shares: { train: 1 } }).splits.get('train')!
    expect(split.groups).toEqual(['a', 'b'])
    expect(split.sources!(1)).toEqual(['/set/b-1.png'])
    expect(await split.read(1)).toMatchObject({ id: 'b-1', width: 1 })
  })

  it('balances by amounts where they are known', () => {
    const items = Array.from({ length: 8 }, (_, i) => item(`${i}-x`, { amounts: [i < 2 ? 1 : 0] }))
    for (const [, ids] of idsOf(items) as [string, string[]][]) {
      expect(ids.filter((id) => id < '2')).toHaveLength(1)
    }
  })

  it('limits each split after the division', () => {
    const items = ['a', 'b', 'c', 'd'].map((id) => item(id))
    expect(idsOf(items, { limit: 1 }).map(([, ids]) => ids!.length)).toEqual([1, 1])
  })

  it('refuses a set without images and two images of one id', () => {
    expect(() => open([])).toThrow('/set: no images of data set "tiny"')
    expect(() => open([item('a'), item('a')])).toThrow('two images are called "a"')
  })
})
