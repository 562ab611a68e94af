import { basename, join } from 'node:path'
import { DataError, type Dataset, defineDataset, z } from '@limbeck/core'
import { filesEnding } from '../files/list-files.ts'
import { readAnnotatedImage } from './annotated-image.ts'
import { classTable } from './class-table.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/** Class names, and the class of each of the seven types of the files. */
const CLASSES = {
  /** HoVer-Net's paper: 3 and 4 are epithelial; 5, 6 and 7 are spindle-shaped. */
  merged: {
    names: ['background', 'other', 'inflammatory', 'epithelial', 'spindle-shaped'],
    classOf: [0, 1, 2, 3, 3, 4, 4, 4],
  },
  original: {
    names: [
      'background',
      'other',
      'inflammatory',
      'healthy epithelial',
      'dysplastic epithelial',
      'fibroblast',
      'muscle',
      'endothelial',
    ],
    classOf: [0, 1, 2, 3, 4, 5, 6, 7],
  },
} as const

/**
 * CoNSeP (Graham et al., 2019, Medical Image Analysis 58) as published: `Train/Images/train_1.png`,
 * `Train/Labels/train_1.mat` (`inst_map`, `type_map`) and the same under `Test`. Test is the split `test`; the tiles of
 * Train are divided, each a group of its own, because which patients they are of is not published.
 */
export const consep = defineDataset({
  name: 'consep',
  summary: 'CoNSeP: 41 tiles of colorectal adenocarcinoma, nuclei of four types or seven, .mat labels.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    types: z
      .enum(['merged', 'original'])
      .default('merged')
      .describe("four types, merged as in HoVer-Net's paper, or the seven of the files"),
  },
  layout: ['Train/Images', 'Train/Labels', 'Test/Images', 'Test/Labels'],
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const { names, classOf } = CLASSES[options.types]
    const known = new Map(classOf.entries())
    const items = [
      ...(await itemsOf(join(root, 'Train'), known)),
      ...(await itemsOf(join(root, 'Test'), known)).map((item) => ({ ...item, split: 'test' })),
    ]
    return setOfItems({ name: 'consep', root, classes: classTable(names), channels: 3, items }, options)
  },
})

async function itemsOf(directory: string, known: ReadonlyMap<number, number>): Promise<SetItem[]> {
  const labels = new Set(await filesEnding(join(directory, 'Labels'), '.mat'))
  return (await filesEnding(join(directory, 'Images'), '.png')).map((image) => {
    const id = basename(image, '.png')
    const label = join(directory, 'Labels', `${id}.mat`)
    if (!labels.has(label)) {
      throw new DataError('data/missing-file', `${image}: has no labels`, { expected: label })
    }
    return {
      id,
      group: id,
      sources: [image, label],
      read: () => readAnnotatedImage({ image, objects: label }, known),
    }
  })
}
