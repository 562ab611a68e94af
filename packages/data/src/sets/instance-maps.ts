import { join } from 'node:path'
import { DataError, type Dataset, defineDataset, IGNORE_LABEL, nearestName, z } from '@limbeck/core'
import { filesByPattern } from '../files/files-by-pattern.ts'
import { orphansOf } from '../files/orphans-of.ts'
import { readSplits } from '../folder/manifest.ts'
import { readAnnotatedImage } from './annotated-image.ts'
import { classTable, ownIds } from './class-table.ts'
import { groupBy, groupOption } from './group-option.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/**
 * Images with maps of their objects and the objects' types, as most sets of nuclei are passed on (PanNuke and
 * MoNuSAC as HoVer-Net's and CellViT's tools write them): the files of an image share its name, which `{id}` stands for
 * in the patterns. Maps are PNG of 8 or 16 bits, `.npy` (a map, or one with objects and types as its last channels), or
 * `.mat` (`inst_map` with `type_map`, with `inst_type`, or with `id` and `class`).
 *
 * `splits.json` beside them, as in `folder`, gives the splits; without it images are divided.
 */
export const instanceMaps = defineDataset({
  name: 'instance-maps',
  summary:
    'Images with maps of objects and their types, as PNG, .npy or .mat; CoNSeP, PanNuke and their like.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    group: groupOption,
    images: z.string().default('images/{id}.*').describe('where the images are; {id} is their name'),
    instances: z.string().default('instances/{id}.*').describe('where the maps of objects are'),
    types: z
      .string()
      .optional()
      .describe(
        'where the types are: maps of type ids, or files with the type of each object; default: with the objects',
      ),
    classes: z
      .array(z.string())
      .min(2)
      .max(IGNORE_LABEL)
      .default(['background', 'nucleus'])
      .describe('names of the types 0, 1, 2, …; 0 is background'),
  },
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const classes = classTable(options.classes)
    const known = new Map([...ownIds(classes), [IGNORE_LABEL, IGNORE_LABEL]])
    const groupOf = groupBy(options.group, 'instance-maps')
    const images = await filesByPattern(root, options.images)
    const objects = await filesByPattern(root, options.instances)
    const types = options.types === undefined ? undefined : await filesByPattern(root, options.types)
    const splits = await splitsById(root, images)
    const items = [...images].flatMap(([id, image]): SetItem[] => {
      if (splits && !splits.has(id)) return []
      const files = {
        image,
        objects: requireFile(objects, { id, image, pattern: options.instances }),
        ...(types && { types: requireFile(types, { id, image, pattern: options.types! }) }),
      }
      return [
        {
          id,
          group: groupOf(id),
          split: splits?.get(id),
          sources: [...new Set(Object.values(files))],
          read: () => readAnnotatedImage(files, known),
        },
      ]
    })
    return {
      ...setOfItems({ name: 'instance-maps', root, classes, channels: 3, items }, options),
      orphans: [
        ...(splits ? orphansOf(images, splits, 'a split') : []),
        ...orphansOf(objects, images, 'an image'),
        ...(types ? orphansOf(types, images, 'an image') : []),
      ],
    }
  },
})

/** The split of each image that `splits.json` names; nothing where there is no such file. */
async function splitsById(
  root: string,
  images: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string> | undefined> {
  const splits = await readSplits(root).catch((error: unknown) => {
    if (error instanceof DataError && error.code === 'data/missing-file') return undefined
    throw error
  })
  if (!splits) return undefined
  const splitOf = new Map<string, string>()
  for (const [split, ids] of Object.entries(splits)) {
    for (const id of ids) {
      const where = `${join(root, 'splits.json')}: split "${split}"`
      requireKnown(id, images, where)
      const other = splitOf.get(id)
      if (other !== undefined) {
        throw new DataError('data/duplicate-id', `${where} names "${id}", which is in "${other}" too`)
      }
      splitOf.set(id, split)
    }
  }
  return splitOf
}

function requireKnown(id: string, images: ReadonlyMap<string, string>, where: string): void {
  if (images.has(id)) return
  const near = nearestName(id, images.keys())
  throw new DataError('data/missing-file', `${where} names "${id}", but there is no such image`, {
    received: `${images.size} images, none of that name`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  })
}

function requireFile(
  files: ReadonlyMap<string, string>,
  { id, image, pattern }: { readonly id: string; readonly image: string; readonly pattern: string },
): string {
  const file = files.get(id)
  if (file !== undefined) return file
  throw new DataError('data/missing-file', `${image}: has no map`, {
    expected: pattern.replace('{id}', id),
    received: `${files.size} files of that pattern, none of that name`,
  })
}
