import { readdir } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'
import { DataError, type Dataset, defineDataset, nearestName, type Split, z } from '@limbeck/core'
import { isColour } from '../formats/image.ts'
import { readManifest, readSplits } from './manifest.ts'
import { type FolderFiles, readSample } from './read-sample.ts'

/**
 * A directory of one's own images:
 *
 *     images/<id>.png|jpg|tif…   masks/<id>.png (8 bits, the pixel is the class id)   instances/<id>.png (16 bits, optional)
 *     manifest.json { name, classes: [{ id, name, color? }] }     splits.json { train: [ids], validation: [ids], … }
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
  async open({ options, directory }): Promise<Dataset> {
    const root = resolve(directory, options.path)
    const [{ name, classes }, splits] = await Promise.all([readManifest(root), readSplits(root)])
    const images = await filesById(join(root, 'images'))
    const masks = await filesById(join(root, options.masks))
    const instances = await filesById(join(root, 'instances'), { optional: true })
    const ids = Object.entries(splits).map(([split, all]): [string, string[]] => [
      split,
      all.slice(0, options.limit),
    ])
    for (const [split, all] of ids) {
      for (const id of all) {
        requireFile(id, images, `${join(root, 'splits.json')}: split "${split}"`, join(root, 'images'))
        requireFile(id, masks, `${join(root, 'splits.json')}: split "${split}"`, join(root, options.masks))
      }
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
      read: (index) => readSample(all[index]!, filesOf(all[index]!), { classes, colour }),
      sources: (index) => {
        const { image, mask, instances: objects } = filesOf(all[index]!)
        return [image, mask, ...(objects === undefined ? [] : [objects])]
      },
    })
    return {
      name,
      classes,
      channels: colour ? 3 : 1,
      splits: new Map(ids.map(([splitName, all]) => [splitName, split(splitName, all)])),
    }
  },
})

/** Files of a directory by their name without extension. */
async function filesById(directory: string, { optional = false } = {}): Promise<Map<string, string>> {
  try {
    const names = await readdir(directory)
    return new Map(
      names.filter((name) => !name.startsWith('.')).map((name) => [parse(name).name, join(directory, name)]),
    )
  } catch (error) {
    if (optional) return new Map()
    throw new DataError('data/missing-directory', `${directory}: the directory cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

function requireFile(id: string, files: ReadonlyMap<string, string>, where: string, directory: string): void {
  if (files.has(id)) return
  const near = nearestName(id, files.keys())
  throw new DataError('data/missing-file', `${where} names "${id}", but there is no such file`, {
    expected: `${join(directory, id)}.*`,
    received: `${files.size} files, none of that name`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  })
}

async function anyColour(files: readonly string[]): Promise<boolean> {
  for (const file of files) if (await isColour(file)) return true
  return false
}
