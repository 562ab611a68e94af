import { join } from 'node:path'
import { DataError, type Dataset, defineDataset, z } from '@limbeck/core'
import { columnOf, countsOf, readCsv, type Table } from '../formats/csv.ts'
import { imageOfArray } from '../formats/image-array.ts'
import { channelOf } from '../formats/plane.ts'
import { classTable, ownIds } from './class-table.ts'
import { COLON_COLORS } from './colon-nuclei.ts'
import { type ImageStacks, openStacks } from './image-stacks.ts'
import { objectsOf } from './object-map.ts'
import { relabel } from './relabel.ts'
import { requireCounts } from './require-counts.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/**
 * CoNIC, the Colon Nuclei Identification and Counting Challenge (Graham et al., 2024, Medical Image Analysis 92), as
 * published: `images.npy` uint8 `[N, 256, 256, 3]`, `labels.npy` uint16 `[N, 256, 256, 2]` (nucleus, class),
 * `patch_info.csv` (the name of each patch, `consep_1-0000`) and `counts.csv` (nuclei by class; its columns name the
 * classes 1, 2, …). Patches are read one by one; the files may be larger than the memory.
 *
 * The set has no published split; patches of one source image stay together by default, as in the challenge's own.
 */
export const conic = defineDataset({
  name: 'conic',
  summary: 'CoNIC challenge: images.npy, labels.npy, counts.csv, patch_info.csv; six types of colon nuclei.',
  layout: ['images.npy', 'labels.npy', 'patch_info.csv', 'counts.csv'],
  options: {
    ...itemOptions,
    ...divisionOptions,
    splitBy: z
      .enum(['image', 'patch'])
      .default('image')
      .describe(
        'what is never divided; patch, as some papers do, lets patches of one image leak between splits',
      ),
    checkCounts: z
      .boolean()
      .default(false)
      .describe('count the nuclei of each patch that is read against counts.csv'),
  },
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const stacks = await openStacks(join(root, 'images.npy'), join(root, 'labels.npy'), { mapChannels: 2 })
    const patches = await readCsv(join(root, 'patch_info.csv'))
    const counts = await readCsv(join(root, 'counts.csv'))
    const names = columnOf(patches, 'patch_info')
    requirePatches(names.length, stacks, patches.file)
    const { images, maps } = stacks
    const types = counts.columns.filter((column) => column !== '')
    const countsByPatch = countsOfPatches(counts, types, names.length)
    const classes = classTable(['background', ...types], COLON_COLORS)
    const known = ownIds(classes)
    const items = names.map(
      (id, index): SetItem => ({
        id,
        group: options.splitBy === 'patch' ? id : sourceOf(id),
        amounts: countsByPatch[index]!,
        // the tables too: they say which patch is which, and how many nuclei it has
        sources: [images.file, maps.file, patches.file, counts.file],
        async read() {
          const image = await images.row(index)
          const map = await maps.row(index)
          const where = `${maps.file}, patch ${index}`
          const sample = {
            ...imageOfArray(image, `${images.file}, patch ${index}`),
            labels: relabel(channelOf(map, 1).data, { known, width: image.shape[1]!, where }),
            instances: objectsOf(channelOf(map, 0), where),
          }
          if (options.checkCounts) requireCounts(sample, { types, expected: countsByPatch[index]!, where })
          return sample
        },
      }),
    )
    return setOfItems({ name: 'conic', root, classes, channels: 3, items }, options)
  },
})

/** The image that a patch was cut from: `consep_1` of `consep_1-0000`, `train_1` of `train_1_000`. */
const sourceOf = (patch: string): string => patch.replace(patch.includes('-') ? /-[^-]*$/ : /_[^_]*$/, '')

function requirePatches(patches: number, { count, images }: ImageStacks, file: string): void {
  if (patches === count) return
  throw new DataError('data/count', `${file}: does not name the patches of ${images.file}`, {
    expected: `${count} rows`,
    received: `${patches} rows`,
  })
}

/** Nuclei of each type, patch by patch. */
function countsOfPatches(counts: Table, types: readonly string[], patches: number): number[][] {
  const columns = types.map((type) => countsOf(counts, type))
  if (counts.rows.length === patches)
    return counts.rows.map((_, row) => columns.map((column) => column[row]!))
  throw new DataError('data/count', `${counts.file}: does not have a row for each patch`, {
    expected: `${patches} rows, as in patch_info.csv`,
    received: `${counts.rows.length} rows`,
  })
}
