import { basename, dirname, extname, join } from 'node:path'
import { DataError, type Dataset, defineDataset } from '@limbeck/core'
import { byId } from '../files/by-id.ts'
import { filesBelow } from '../files/list-files.ts'
import { columnOf, countsOf, readCsv } from '../formats/csv.ts'
import { readAnnotatedImage } from './annotated-image.ts'
import { classTable, ownIds } from './class-table.ts'
import { COLON_COLORS, COLON_NUCLEI } from './colon-nuclei.ts'
import { foldsOption, splitOfFold } from './folds-option.ts'
import { itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/** `lizard_labels/Lizard_Labels/Labels/*.mat` is how deep the archives unpack. */
const DEPTH = 3

/**
 * Lizard (Graham et al., 2021, ICCV workshops) as published: images of any size as PNG in directories whose names
 * contain "images", labels in `.mat` files of the same names (`inst_map`, and `class` by `id`), and `info.csv`
 * (`Filename`, `Split`: 1, 2 or 3), wherever the archives were unpacked below `path`.
 */
export const lizard = defineDataset({
  name: 'lizard',
  summary: 'Lizard: colon tissue of six sources in three folds, six types of nuclei, .mat labels.',
  options: { ...itemOptions, folds: foldsOption },
  layout: ['Lizard_Images1', 'Lizard_Labels/info.csv'],
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const labels = byName(await filesBelow(root, DEPTH, '.mat'), root)
    const pictures = await filesBelow(root, DEPTH, '.png')
    const images = byName(
      pictures.filter((file) => /images/i.test(basename(dirname(file)))),
      root,
    )
    const foldOf = await readFolds(root)
    const splits = splitOfFold(options.folds)
    const classes = classTable(['background', ...COLON_NUCLEI], COLON_COLORS)
    const known = ownIds(classes)
    const items = [...foldOf].flatMap(([id, fold]): SetItem[] => {
      const split = splits.get(fold)
      if (split === undefined) return []
      const image = requireFile(images, { id, ending: '.png', root })
      const label = requireFile(labels, { id, ending: '.mat', root })
      return [
        {
          id,
          // patients are not published: an image is a group of its own
          group: id,
          split,
          sources: [image, label],
          read: () => readAnnotatedImage({ image, objects: label }, known),
        },
      ]
    })
    return setOfItems({ name: 'lizard', root, classes, channels: 3, items }, options)
  },
})

const byName = (files: readonly string[], root: string): Map<string, string> =>
  byId(
    files.map((file) => [basename(file, extname(file)), file]),
    root,
  )

/** The fold of each image, from `info.csv`. */
async function readFolds(root: string): Promise<Map<string, number>> {
  const file = (await filesBelow(root, DEPTH, 'info.csv')).find((one) => basename(one) === 'info.csv')
  if (file === undefined) {
    throw new DataError('data/missing-file', `${root}: info.csv, which has the folds, is not here`, {
      expected: join(root, 'Lizard_Labels', 'info.csv'),
    })
  }
  const table = await readCsv(file)
  const folds = countsOf(table, 'Split')
  return new Map(columnOf(table, 'Filename').map((name, row) => [basename(name, extname(name)), folds[row]!]))
}

function requireFile(
  files: ReadonlyMap<string, string>,
  { id, ending, root }: { readonly id: string; readonly ending: string; readonly root: string },
): string {
  const file = files.get(id)
  if (file !== undefined) return file
  throw new DataError(
    'data/missing-file',
    `${root}: info.csv names "${id}", but there is no ${id}${ending}`,
    {
      received: `${files.size} files ${ending}`,
    },
  )
}
