import { join } from 'node:path'
import { DataError, type Dataset, defineDataset, type Sample, z } from '@limbeck/core'
import { filesByPattern } from '../files/files-by-pattern.ts'
import { orphansOf } from '../files/orphans-of.ts'
import { columnOf, readCsv } from '../formats/csv.ts'
import { type Decoded, decodeImage, isColour } from '../formats/image.ts'
import { requireSameSize } from '../formats/require-same-size.ts'
import { NUCLS_LEVELS, nuclsClasses } from './nucls-classes.ts'
import { readNuclsMask } from './nucls-mask.ts'
import { readNuclsTable } from './nucls-table.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/** Where in `csv/` the fields of view lie in their slides; no annotations. */
const FIELDS = 'ALL_FOV_LOCATIONS'
/** A slide in the name of a field, `TCGA-A1-A0SP-DX1_id-…`; some sets have TCGA's full name and a prefix. */
const SLIDE = /(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})(?:-\d{2}[A-Z]-\d{2})?-(DX\d+)/

/**
 * NuCLS (Amgad et al., 2022, GigaScience 11), breast cancer of TCGA, as it is downloaded: `rgb/<name>.png`,
 * `mask/<name>.png` and `csv/<name>.csv` (`type`, `xmin`, `ymin`, `xmax`, `ymax`, …), and `train_test_splits/`. What
 * lies outside the annotated field of view is ignored, and so are ambiguous nuclei (`unlabeled`, and apoptotic bodies
 * at the levels above raw).
 *
 * Many nuclei were annotated by a box; masks show those filled. `boxes: ignore` leaves them out with the help of the
 * tables, `boxes: draw` takes them for nuclei as the masks do. Patients are never divided.
 *
 * Source: sites.google.com/view/nucls/data-format; codes and levels from github.com/PathologyDataScience/NuCLS; how
 * masks are drawn from `contours_to_labeled_object_mask` of HistomicsTK. Assumed, because no page says so: rows and
 * columns of the tables count from the corner of their image, and the tables have a row for each object of the mask.
 */
export const nucls = defineDataset({
  name: 'nucls',
  summary: 'NuCLS: breast cancer, nuclei of four classes, seven or twelve, masks in RGB and tables.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    level: z
      .enum(NUCLS_LEVELS)
      .default('super')
      .describe('four groups, the seven main classes, or the raw ones'),
    boxes: z
      .enum(['ignore', 'draw'])
      .default('ignore')
      .describe('nuclei that were annotated by a box alone take part in nothing, or fill their boxes'),
    fold: z
      .int()
      .positive()
      .optional()
      .describe(
        'a published fold: its slides to train on are `train`, those to test on `validation`; others are left out',
      ),
  },
  layout: ['rgb', 'mask', 'csv'],
  async open({ options, directory }): Promise<Dataset> {
    const root = rootOf(options, directory)
    const images = await filesByPattern(root, 'rgb/{id}.png')
    const masks = await filesByPattern(root, 'mask/{id}.png')
    const tables = options.boxes === 'draw' ? undefined : await filesByPattern(root, 'csv/{id}.csv')
    tables?.delete(FIELDS)
    const splitOf = options.fold === undefined ? undefined : await splitsOfFold(root, options.fold)
    const { classes, labelOf } = nuclsClasses(options.level)
    const items = [...images].flatMap(([id, image]): SetItem[] => {
      const [, patient = id, section = ''] = SLIDE.exec(id) ?? []
      const split = splitOf?.get(`${patient}-${section}`)
      if (splitOf && split === undefined) return []
      const mask = masks.get(id) ?? missing(image, join(root, 'mask', `${id}.png`))
      const table = tables && (tables.get(id) ?? missing(image, join(root, 'csv', `${id}.csv`)))
      return [
        {
          id,
          group: patient,
          split,
          sources: [image, mask, ...(table === undefined ? [] : [table])],
          read: () => readSample({ image, mask, table }, labelOf),
        },
      ]
    })
    return {
      ...setOfItems({ name: 'nucls', root, classes, channels: 3, items }, options),
      orphans: [
        ...orphansOf(masks, images, 'an image'),
        ...(tables ? orphansOf(tables, images, 'an image') : []),
      ],
    }
  },
})

/** The split of each slide that a published fold names. */
async function splitsOfFold(root: string, fold: number): Promise<ReadonlyMap<string, string>> {
  const splitOf = new Map<string, string>()
  for (const [part, split] of [
    ['train', 'train'],
    ['test', 'validation'],
  ] as const) {
    const table = await readCsv(join(root, 'train_test_splits', `fold_${fold}_${part}.csv`))
    for (const slide of columnOf(table, 'slide_name')) splitOf.set(slide, split)
  }
  return splitOf
}

function missing(image: string, expected: string): never {
  throw new DataError('data/missing-file', `${image}: has no annotation`, { expected })
}

async function readSample(
  files: { readonly image: string; readonly mask: string; readonly table: string | undefined },
  labelOf: ReadonlyMap<number, number>,
): Promise<Omit<Sample, 'id'>> {
  const image = await decodeImage(files.image, { colour: true })
  const mask = await decodeColourMask(files.mask)
  requireSameSize(files.mask, mask, files.image, image)
  const annotations = files.table === undefined ? undefined : await readNuclsTable(files.table)
  const { data, ...size } = image
  return { ...size, image: data, ...readNuclsMask(mask, { labelOf, annotations, where: files.mask }) }
}

async function decodeColourMask(file: string): Promise<Decoded> {
  const colour = await isColour(file)
  const mask = await decodeImage(file, { colour: true })
  if (colour && mask.data instanceof Uint8Array) return mask
  throw new DataError('data/mask-format', `${file}: a mask of NuCLS has three channels of codes`, {
    expected: 'RGB, 8 bits',
    received: `${colour ? 'RGB' : 'grey'}, ${8 * mask.data.BYTES_PER_ELEMENT} bits`,
  })
}
