import { basename, extname, join, resolve } from 'node:path'
import { DataError, defineDataset, IGNORE_LABEL, type Sample, unknownName, z } from '@limbeck/core'
import { filesEnding, listDirectories } from '../files/list-files.ts'
import { readText } from '../files/read-whole.ts'
import { parseAperioXml } from '../formats/aperio-xml.ts'
import { fillPolygon } from '../formats/fill-polygon.ts'
import { type Decoded, decodeImage } from '../formats/image.ts'
import { openRegionReader } from '../formats/region-reader.ts'
import { classTable } from './class-table.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

const MEBIBYTE = 2 ** 20
/** The largest annotation of the set has 3 MB. */
const MOST_XML = 256 * MEBIBYTE
const TYPES = ['Epithelial', 'Lymphocyte', 'Neutrophil', 'Macrophage'] as const
/** The testing set outlines regions that nobody could tell apart. */
const AMBIGUOUS = 'Ambiguous'
/** Letters and digits that the images of one patient of TCGA share. */
const TCGA_PATIENT = /^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}/

/**
 * MoNuSAC 2020 (Verma et al., 2021, IEEE Transactions on Medical Imaging 40) as it is downloaded: a directory a slide,
 * in it `<name>.tif` (or `.svs`) and `<name>.xml` side by side. Regions are filled as the organisers' script fills them:
 * polygon after polygon, later ones over earlier ones; their order numbers the instances. Ambiguous regions are ignored.
 */
export const monusac = defineDataset({
  name: 'monusac',
  summary: 'MoNuSAC 2020: H&E of four organs, four types of nuclei, TIFF or SVS with Aperio XML.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    test: z
      .string()
      .optional()
      .describe('directory of the testing set, relative to the config: the split `test`'),
    types: z
      .array(z.enum(TYPES))
      .length(TYPES.length)
      .refine((types) => new Set(types).size === TYPES.length, 'each type once')
      .default([...TYPES])
      .describe('the order of the classes; publications differ'),
  },
  async open({ options, directory }) {
    const root = rootOf(options, directory)
    const classes = classTable(['background', ...options.types.map((type) => type.toLowerCase())])
    const labelOf = new Map<string, number>(options.types.map((type, at) => [type, at + 1]))
    const items = await itemsOf(root, { labelOf })
    if (options.test !== undefined) {
      items.push(...(await itemsOf(resolve(directory, options.test), { labelOf, split: 'test' })))
    }
    return setOfItems({ name: 'monusac', root, classes, channels: 3, items }, options)
  },
})

async function itemsOf(
  root: string,
  { labelOf, split }: { readonly labelOf: ReadonlyMap<string, number>; readonly split?: string },
): Promise<SetItem[]> {
  const items: SetItem[] = []
  for (const slide of await listDirectories(root)) {
    const directory = join(root, slide)
    const images = new Map<string, string>()
    // where both are there, TIFF is read: it is without loss
    for (const file of await filesEnding(directory, '.svs')) images.set(basename(file, extname(file)), file)
    for (const file of await filesEnding(directory, '.tif', '.tiff')) {
      images.set(basename(file, extname(file)), file)
    }
    const annotated = new Map(
      (await filesEnding(directory, '.xml')).map((file) => [basename(file, extname(file)), file]),
    )
    for (const [id, image] of images) {
      const xml = annotated.get(id)
      if (xml === undefined) {
        throw new DataError('data/missing-file', `${image}: has no annotation beside it`, {
          expected: `${id}.xml`,
        })
      }
      items.push({
        id,
        group: TCGA_PATIENT.exec(slide)?.[0] ?? slide,
        split,
        sources: [image, xml],
        read: () => readSample(image, xml, labelOf),
      })
    }
  }
  return items
}

async function readSample(
  file: string,
  xml: string,
  labelOf: ReadonlyMap<string, number>,
): Promise<Omit<Sample, 'id'>> {
  const image = await readImage(file)
  const text = await readText(xml, MOST_XML)
  const { width, height, channels, data } = image
  const labels = new Uint8Array(width * height)
  const instances = new Int32Array(width * height)
  let count = 0
  for (const { name, regions } of parseAperioXml(text, xml)) {
    const label = name === AMBIGUOUS ? IGNORE_LABEL : labelOf.get(name)
    if (label === undefined) {
      throw unknownName('data/unknown-class', `${xml}: unknown type of nuclei`, name, [
        ...labelOf.keys(),
        AMBIGUOUS,
      ])
    }
    for (const region of regions) {
      const instance = label === IGNORE_LABEL ? 0 : ++count
      fillPolygon(region, image, (at) => {
        labels[at] = label
        instances[at] = instance
      })
    }
  }
  return { width, height, channels, image: data, labels, instances }
}

async function readImage(file: string): Promise<Decoded> {
  if (!file.endsWith('.svs')) return decodeImage(file, { colour: true })
  const reader = await openRegionReader(file)
  try {
    const { width, height, channels } = reader
    return { width, height, channels, data: await reader.read({ left: 0, top: 0, width, height }) }
  } finally {
    await reader.close()
  }
}
