import { join, parse, resolve } from 'node:path'
import { DataError, type Dataset, defineDataset, nearestName, type Split, z } from '@limbeck/core'
import { byId } from '../files/by-id.ts'
import { listFiles } from '../files/list-files.ts'
import { orphansOf } from '../files/orphans-of.ts'
import { pathExists } from '../files/path-exists.ts'
import { isColour } from '../formats/image.ts'
import { readGroups, readManifest, readSplits } from './manifest.ts'
import { openSampleRegions } from './open-sample-regions.ts'
import { type FolderFiles, readSample } from './read-sample.ts'

/**
 * A directory of one's own images:
 *
 *     images/<id>.png|jpg|tif…   masks/<id>.png (8 bits, the pixel is the class id)   instances/<id>.png (16 bits, optional)
 *     manifest.json { name, classes: [{ id, name, color? }] }     splits.json { train: [ids], validation: [ids], … }
 *     groups.json { id: patient, … } (optional: what must not be divided; an image that it leaves out is a group of its own)
 *
 * When some images are colour and others grey, all are read as colour.
 */
export const folder = defineDataset({
  name: 'folder',
  summary: 'Images and masks in a directory, with a manifest of classes and a list of splits.',
  options: {
    path: z.string().describe('the directory, relative to the config'),
    masks: z.string().default('masks').describe('sub-directory with the masks'),
    limit: z.int().positive().optional().describe('at most this many images of each split, the first ones'),
  },
  layout: ['manifest.json', 'splits.json', 'images', 'masks'],
  async open({ options, directory }): Promise<Dataset> {
    const root = resolve(directory, options.path)
    const { name, classes } = await readManifest(root)
    const splits = await readSplits(root)
    const images = await filesById(join(root, 'images'))
    const masks = await filesById(join(root, options.masks))
    const objects = join(root, 'instances')
    const instances = (await pathExists(objects)) ? await filesById(objects) : new Map<string, string>()
    const ids = Object.entries(splits).map(([split, all]): [string, string[]] => [
      split,
      all.slice(0, options.limit),
    ])
    const groups = await readGroups(root)
    for (const [split, all] of ids) {
      const where = `${join(root, 'splits.json')}: split "${split}"`
      requireFiles(all, images, where, join(root, 'images'))
      requireFiles(all, masks, where, join(root, options.masks))
    }
    const colour = await anyColour([...new Set(ids.flatMap(([, all]) => all))].map((id) => images.get(id)!))
    const filesOf = (id: string): FolderFiles => ({
      image: images.get(id)!,
      mask: masks.get(id)!,
      instances: instances.get(id),
    })
    const split = (splitName: string, all: readonly string[]): Split => ({
      name: splitName,
      ids: all,
      ...(groups && { groups: all.map((id) => groups.get(id) ?? id) }),
      read: (index) => readSample(all[index]!, filesOf(all[index]!), { classes, colour }),
      open: (index) => openSampleRegions(all[index]!, filesOf(all[index]!), { classes, colour }),
      sources: (index) => {
        const files = filesOf(all[index]!)
        return [files.image, files.mask, ...(files.instances === undefined ? [] : [files.instances])]
      },
    })
    return {
      name,
      classes,
      channels: colour ? 3 : 1,
      splits: new Map(ids.map(([splitName, all]) => [splitName, split(splitName, all)])),
      orphans: [
        ...orphansOf(images, masks, 'a mask'),
        ...orphansOf(masks, images, 'an image'),
        ...orphansOf(instances, images, 'an image'),
      ],
    }
  },
})

/** Files of a directory by their name without extension. Throws `DataError` where two have one name. */
async function filesById(directory: string): Promise<Map<string, string>> {
  const names = await listFiles(directory)
  return byId(
    names.map((name) => [parse(name).name, join(directory, name)]),
    directory,
  )
}

function requireFiles(
  ids: readonly string[],
  files: ReadonlyMap<string, string>,
  where: string,
  directory: string,
): void {
  const missing = ids.filter((id) => !files.has(id))
  const first = missing[0]
  if (first === undefined) return
  const near = nearestName(first, files.keys())
  const others = missing.length > 1 ? ` (nor for ${missing.length - 1} others)` : ''
  throw new DataError('data/missing-file', `${where} names "${first}", but there is no such file${others}`, {
    expected: `${join(directory, first)}.*`,
    received: `${files.size} files, none of that name`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  })
}

/** Whether one of several images holds colour; looks no further than that. */
async function anyColour(files: readonly string[]): Promise<boolean> {
  for (const file of files) if (await isColour(file)) return true
  return false
}
