import { join } from 'node:path'
import { DataError, type Dataset, defineDataset, type Sample, unknownName, z } from '@limbeck/core'
import { pathExists } from '../files/path-exists.ts'
import { readBytes } from '../files/read-whole.ts'
import { imageOfArray } from '../formats/image-array.ts'
import { parseNpyText } from '../formats/npy.ts'
import type { NumericArray } from '../formats/numeric-array.ts'
import { classTable } from './class-table.ts'
import { foldsOption, splitOfFold } from './folds-option.ts'
import { openStacks } from './image-stacks.ts'
import { itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/** In the order of the channels of `masks.npy`; the sixth channel is the background. */
const TYPES = ['neoplastic', 'inflammatory', 'connective', 'dead', 'epithelial'] as const
const MASK_CHANNELS = TYPES.length + 1
/** A line of text for each of some thousand images. */
const MOST_TYPES_BYTES = 2 ** 24

/**
 * PanNuke (Gamper et al., 2020, arXiv:2003.10778) as published: for each of its three folds
 * `Fold 1/images/fold1/{images,types}.npy` and `Fold 1/masks/fold1/masks.npy`, or all three files in `fold1/`. Images
 * are `[N, 256, 256, 3]`, masks `[N, 256, 256, 6]`, a map of nuclei for each type. Patches are read one by one; the
 * files may be larger than the memory.
 *
 * Where two types claim a pixel, the first in the order of the channels has it; the background channel is not used.
 * Nuclei are numbered anew in each patch, because their ids may repeat from channel to channel.
 */
export const pannuke = defineDataset({
  name: 'pannuke',
  summary: 'PanNuke: 19 tissues in three folds of .npy files, five types of nuclei.',
  options: {
    ...itemOptions,
    folds: foldsOption,
    tissues: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('only images of these tissues, as types.npy names them (Breast, Colon, …)'),
  },
  layout: ['Fold 1/images/fold1/images.npy', 'Fold 1/masks/fold1/masks.npy'],
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const splits = splitOfFold(options.folds)
    const items = await Promise.all(
      [...splits].map(([fold, split]) => itemsOfFold(root, { fold, split, tissues: options.tissues })),
    )
    const classes = classTable(['background', ...TYPES])
    return setOfItems({ name: 'pannuke', root, classes, channels: 3, items: items.flat() }, options)
  },
})

async function itemsOfFold(
  root: string,
  of: { readonly fold: number; readonly split: string; readonly tissues: readonly string[] | undefined },
): Promise<SetItem[]> {
  const { fold, split, tissues } = of
  const files = await filesOfFold(root, fold)
  const { count, images, maps } = await openStacks(files.images, files.masks, { mapChannels: MASK_CHANNELS })
  const chosen = tissues ? await patchesOf(tissues, files.types) : Array.from({ length: count }, (_, i) => i)
  return chosen.map((index) => {
    const id = `fold${fold}-${String(index).padStart(4, '0')}`
    return {
      id,
      // patients and slides are not published
      group: id,
      split,
      sources: [files.images, files.masks],
      async read() {
        const image = await images.row(index)
        const mask = await maps.row(index)
        return { ...imageOfArray(image, `${files.images}, patch ${index}`), ...nucleiOf(mask) }
      },
    }
  })
}

/** Where the three files of a fold lie. Throws `DataError` that names where they were looked for. */
async function filesOfFold(
  root: string,
  fold: number,
): Promise<{ images: string; masks: string; types: string }> {
  const published = join(root, `Fold ${fold}`)
  const layouts = [
    { images: join(published, 'images', `fold${fold}`), masks: join(published, 'masks', `fold${fold}`) },
    { images: join(root, `fold${fold}`), masks: join(root, `fold${fold}`) },
  ]
  for (const { images, masks } of layouts) {
    const files = {
      images: join(images, 'images.npy'),
      masks: join(masks, 'masks.npy'),
      types: join(images, 'types.npy'),
    }
    if (await pathExists(files.images)) return files
  }
  throw new DataError('data/missing-file', `${root}: fold ${fold} of PanNuke is not here`, {
    expected: layouts.map(({ images }) => join(images, 'images.npy')).join(' or '),
    received: 'neither',
  })
}

/** The indexes of the patches of some tissues. Throws `UnknownNameError` for a tissue that the fold does not have. */
async function patchesOf(tissues: readonly string[], file: string): Promise<number[]> {
  const all = parseNpyText(await readBytes(file, MOST_TYPES_BYTES), file)
  const known = new Set(all)
  const unknown = tissues.find((tissue) => !known.has(tissue))
  if (unknown !== undefined)
    throw unknownName('data/unknown-tissue', `${file}: no such tissue`, unknown, known)
  return [...all.keys()].filter((index) => tissues.includes(all[index]!))
}

function nucleiOf({ shape, data }: NumericArray): Pick<Sample, 'labels'> & { instances: Int32Array } {
  const pixels = shape[0]! * shape[1]!
  const labels = new Uint8Array(pixels)
  const instances = new Int32Array(pixels)
  const numbers = TYPES.map(() => new Map<number, number>())
  let count = 0
  for (let at = 0; at < pixels; at++) {
    for (let type = 0; type < TYPES.length; type++) {
      const nucleus = data[at * MASK_CHANNELS + type]!
      if (!(nucleus > 0)) continue
      const known = numbers[type]!
      if (!known.has(nucleus)) known.set(nucleus, ++count)
      labels[at] = type + 1
      instances[at] = known.get(nucleus)!
      break
    }
  }
  return { labels, instances }
}
