import { basename, extname, join } from 'node:path'
import { DataError, defineDataset, type Sample } from '@limbeck/core'
import { filesEnding, listDirectories } from '../files/list-files.ts'
import { decodeImage, decodeMask } from '../formats/image.ts'
import { requireSameSize } from '../formats/require-same-size.ts'
import { classTable } from './class-table.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/**
 * The Data Science Bowl of 2018 (Caicedo et al., 2019, Nature Methods 16), `stage1_train`, and sets laid out like it: a
 * directory an image, `<id>/images/<id>.png` and `<id>/masks/*.png`, one nucleus a mask, anything but zero inside.
 * Masks in the order of their names number the nuclei; where two overlap, the later one has the pixels.
 */
export const dsb = defineDataset({
  name: 'dsb',
  summary: 'Data Science Bowl 2018 and its like: one PNG a nucleus.',
  options: { ...itemOptions, ...divisionOptions },
  async open({ options, directory }) {
    const root = rootOf(options, directory)
    const items = await Promise.all(
      (await listDirectories(root)).map(async (id): Promise<SetItem> => {
        const { image, masks } = await filesOf(join(root, id))
        // no experiment or slide is published: an image is a group of its own
        return { id, group: id, sources: [image, ...masks], read: () => readSample(image, masks) }
      }),
    )
    const classes = classTable(['background', 'nucleus'])
    return setOfItems({ name: 'dsb', root, classes, channels: 3, items }, options)
  },
})

async function filesOf(
  directory: string,
): Promise<{ readonly image: string; readonly masks: readonly string[] }> {
  const images = await filesEnding(join(directory, 'images'), '.png', '.tif', '.tiff', '.jpg', '.bmp')
  const [image] = images
  if (image === undefined || images.length > 1) {
    throw new DataError('data/missing-file', `${join(directory, 'images')}: should hold one image`, {
      received: `${images.length}: ${images.map((file) => basename(file, extname(file))).join(', ')}`,
    })
  }
  return { image, masks: await filesEnding(join(directory, 'masks'), '.png', '.tif', '.tiff', '.bmp') }
}

async function readSample(file: string, masks: readonly string[]): Promise<Omit<Sample, 'id'>> {
  const image = await decodeImage(file, { colour: true })
  const { width, height, channels, data } = image
  const labels = new Uint8Array(width * height)
  const instances = new Int32Array(width * height)
  for (const [index, maskFile] of masks.entries()) {
    const mask = await decodeMask(maskFile)
    requireSameSize(maskFile, mask, file, image)
    for (let at = 0; at < labels.length; at++) {
      if (mask.data[at] === 0) continue
      labels[at] = 1
      instances[at] = index + 1
    }
  }
  return { width, height, channels, image: data, labels, instances }
}
