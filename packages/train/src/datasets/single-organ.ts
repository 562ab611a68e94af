import { defineDataset, type Registry, unknownName, z } from '@limbeck/core'
import { selectSamples, splitByGroup } from '@limbeck/data'
import { groupedItems, grouping } from '../protocols/grouped-items.ts'
import { ignoringTable, relabelDataset } from './relabel-dataset.ts'
import { openChoice, setChoice } from './set-choice.ts'

/**
 * What a laboratory has that labelled one organ only, made from a data set with labels of all K: each organ is dealt
 * a K-th of the images of the splits named, and in them nothing else is labelled; other organs look like background.
 * The sets of different organs of the same `of`, `seed` and `by` share no group and no image. Splits that are not
 * dealt keep all their images.
 */
export const singleOrgan = (registry: () => Registry) =>
  defineDataset({
    name: 'single-organ',
    summary: 'A share of the images of a data set, with labels of one organ only.',
    options: {
      of: setChoice.describe('a data set that labels several organs'),
      organ: z.string().describe('the class that is labelled'),
      deal: z.array(z.string()).default(['train']).describe('splits whose images are dealt out'),
      by: grouping.describe('what stays together'),
      seed: z.int().nonnegative().default(0),
    },
    async open({ options, directory }) {
      const { of, organ, deal, by, seed } = options
      const dataset = await openChoice(of, { registry: registry(), directory, where: 'single-organ.of' })
      const [background, ...organs] = [...dataset.classes].sort((a, b) => a.id - b.id)
      const own = organs.find(({ name }) => name === organ)
      if (!background || !own) {
        const names = organs.map(({ name }) => name)
        const what = `single-organ.organ: no class is named "${organ}"`
        throw unknownName('data/unknown-class', what, organ, names)
      }
      const table = ignoringTable()
      for (const { id } of dataset.classes) table[id] = id === own.id ? 1 : 0
      const classes = [background, { ...own, id: 1 }]
      const shares = Object.fromEntries(organs.map(({ name }) => [name, 1]))
      const splits = await Promise.all(
        [...dataset.splits].map(async ([name, split]) => {
          if (!deal.includes(name)) return [name, split] as const
          const items = await groupedItems(split, { by, classes: dataset.classes, where: 'single-organ.by' })
          return [name, selectSamples(split, splitByGroup(items, { shares, seed }).get(organ)!)] as const
        }),
      )
      const name = `${dataset.name}: ${organ}`
      return relabelDataset({ ...dataset, name, splits: new Map(splits) }, { classes, table })
    },
  })
