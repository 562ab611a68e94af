import { Random, type Sample, type Split } from '@limbeck/core'
import { drawSamples, hideLabels, joinSplits } from '@limbeck/data'
import { describe, expect, it } from 'vitest'
import { batchStreams } from './batch-streams.ts'

/** A split whose image i has the labels given. */
const splitOf = (name: string, rows: readonly (readonly number[])[]): Split => ({
  name,
  ids: rows.map((_, i) => `${name}-${i}`),
  read: async (i): Promise<Sample> => ({
    id: `${name}-${i}`,
    width: rows[i]!.length,
    height: 1,
    channels: 1,
    image: new Uint8Array(rows[i]!.length),
    labels: Uint8Array.from(rows[i]!),
  }),
})
const twelve = splitOf(
  'train',
  Array.from({ length: 12 }, (_, i) => [0, 1 + (i % 2)]),
)
const plain = { size: 4, balance: 'none', labelled: undefined, sets: 'together' } as const

async function idsOf(view: Split, batch: Parameters<typeof batchStreams>[1], count: number) {
  const { streams, cycle } = await batchStreams(view, batch)
  const requests = drawSamples(streams, { cycle, count, random: new Random(1) })
  return requests.map(({ origin }) => origin.split.ids[origin.index]!)
}

describe('batchStreams', () => {
  it('draws all images alike where nothing else is asked for', async () => {
    expect((await idsOf(twelve, plain, 12)).sort()).toEqual([...twelve.ids].sort())
  })

  it('puts as many labelled images into every batch as asked, the others have none', async () => {
    const view = hideLabels(twelve, { share: 0.25, random: new Random(2) })
    const labelled = new Set<string>()
    for (const i of view.ids.keys()) {
      if ((await view.read(i)).labels.some((id) => id !== 255)) labelled.add(view.ids[i]!)
    }
    expect(labelled.size).toBe(3)
    const ids = await idsOf(view, { ...plain, labelled: 1 }, 12)
    expect(ids.map((id) => labelled.has(id))).toEqual(
      Array.from({ length: 12 }, (_, position) => position % 4 === 0),
    )
  })

  it('balances the images with labels only', async () => {
    const view = hideLabels(twelve, { share: 0.5, random: new Random(2) })
    const ids = await idsOf(view, { ...plain, labelled: 2, balance: 'classes' }, 24)
    expect(new Set(ids.filter((_, position) => position % 4 >= 2)).size).toBe(6)
  })

  it('draws joined sets evenly mixed, or one a batch in turn', async () => {
    const [liver, spleen] = [splitOf('liver', [[1], [1]]), splitOf('spleen', [[2], [2], [2], [2], [2]])]
    const view = joinSplits('both', [liver, spleen], ['liver', 'spleen'])
    const sets = async (how: 'mixed' | 'in-turn') =>
      (await idsOf(view, { ...plain, sets: how }, 8)).map((id) => id.split('-')[0])
    const [l, s] = ['liver', 'spleen']
    expect(await sets('mixed')).toEqual([l, s, l, s, l, s, l, s])
    expect(await sets('in-turn')).toEqual([l, l, l, l, s, s, s, s])
  })

  it.each([
    ['labels everywhere', { ...plain, labelled: 1 }, '12 with labels, 0 without'],
    ['a batch of labelled images alone', { ...plain, labelled: 4 }, 'less than batch.size, which is 4'],
    ['one data set', { ...plain, sets: 'mixed' }, 'needs images of several data sets'],
    ['both kinds of streams', { ...plain, labelled: 1, sets: 'mixed' }, 'exclude each other'],
  ] as const)('refuses %s', async (_, batch, message) => {
    await expect(batchStreams(twelve, batch)).rejects.toThrow(message)
  })
})
