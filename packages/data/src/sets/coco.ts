import { resolve } from 'node:path'
import { ConfigError, DataError, defineDataset, IGNORE_LABEL, type Sample, z } from '@limbeck/core'
import { readJson } from '../files/read-json.ts'
import { fillCocoPolygon, fillRunLengths, parseRunLengths } from '../formats/coco-mask.ts'
import { decodeImage } from '../formats/image.ts'
import { pathWithin } from '../formats/path-within.ts'
import { classTable } from './class-table.ts'
import { groupBy, groupOption } from './group-option.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

const runLengths = z.looseObject({
  counts: z.union([z.string(), z.array(z.number())]),
  size: z.tuple([z.int(), z.int()]),
})
const annotationSchema = z.looseObject({
  image_id: z.union([z.int(), z.string()]),
  category_id: z.int(),
  // a box alone says nothing about the pixels: background would be as wrong as the whole box
  segmentation: z.union([z.array(z.array(z.number()).min(6)).min(1), runLengths]),
  iscrowd: z.union([z.literal(0), z.literal(1), z.boolean()]).default(0),
})
const instancesSchema = z.looseObject({
  images: z.array(
    z.looseObject({
      id: z.union([z.int(), z.string()]),
      file_name: z.string(),
      width: z.int().positive(),
      height: z.int().positive(),
    }),
  ),
  annotations: z.array(annotationSchema),
  categories: z
    .array(z.looseObject({ id: z.int(), name: z.string() }))
    .min(1)
    .max(253),
})
type Annotation = z.output<typeof annotationSchema>
type Instances = z.output<typeof instancesSchema>

/**
 * Instances in COCO's JSON (Lin et al., 2014), polygons and run lengths filled as pycocotools does. Categories in the
 * order of their ids become classes 1, 2, …; 0 is background. Larger objects are painted first, so that what lies on
 * them stays visible (equal ones in the order of the file); crowds are ignored where no object lies.
 */
export const coco = defineDataset({
  name: 'coco',
  summary: 'Instances in COCO JSON: polygons, run lengths, crowds.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    group: groupOption,
    annotations: z
      .union([z.string(), z.record(z.string(), z.string())])
      .describe('the JSON file within path; `{ train: …, validation: … }` where each split has its own'),
    images: z
      .union([z.string(), z.record(z.string(), z.string())])
      .default('images')
      .describe('the directory of the images within path; by split where they have their own'),
  },
  async open({ options, directory }) {
    const root = rootOf(options, directory)
    const files: readonly [split: string | undefined, name: string][] =
      typeof options.annotations === 'string'
        ? [[undefined, options.annotations]]
        : Object.entries(options.annotations)
    const groupOf = groupBy(options.group, 'coco')
    const items: SetItem[][] = []
    let first: { readonly file: string; readonly names: readonly string[] } | undefined
    for (const [split, name] of files) {
      const file = resolve(root, name)
      const instances = await readJson(file, instancesSchema)
      const categories = [...instances.categories].sort((a, b) => a.id - b.id)
      first ??= { file, names: categories.map(({ name: category }) => category) }
      requireSameNames(first, file, categories)
      items.push(
        itemsOf(instances, {
          file,
          images: resolve(root, directoryOf(options.images, split)),
          labelOf: new Map(categories.map(({ id }, at) => [id, at + 1])),
          split,
          groupOf,
        }),
      )
    }
    const classes = classTable(['background', ...(first?.names ?? [])])
    return setOfItems({ name: 'coco', root, classes, channels: 3, items: items.flat() }, options)
  },
})

function directoryOf(images: string | Readonly<Record<string, string>>, split: string | undefined): string {
  if (typeof images === 'string') return images
  const found = split === undefined ? undefined : images[split]
  if (found !== undefined) return found
  throw new ConfigError(
    'config/invalid',
    `data set "coco": images has no directory for ${split === undefined ? 'a set without splits' : `the split "${split}"`}`,
    {
      expected: 'the same splits as annotations',
      received: Object.keys(images).join(', '),
    },
  )
}

function requireSameNames(
  first: { readonly file: string; readonly names: readonly string[] },
  file: string,
  categories: readonly { readonly name: string }[],
): void {
  const names = categories.map(({ name }) => name)
  if (names.length === first.names.length && names.every((name, at) => name === first.names[at])) return
  throw new DataError('data/classes', `${file}: has other categories than ${first.file}`, {
    expected: first.names.join(', '),
    received: names.join(', '),
  })
}

function itemsOf(
  instances: Instances,
  at: {
    readonly file: string
    readonly images: string
    readonly labelOf: ReadonlyMap<number, number>
    readonly split: string | undefined
    readonly groupOf: (name: string) => string
  },
): SetItem[] {
  const { file, images, labelOf, split, groupOf } = at
  const annotationsOf = new Map<number | string, Annotation[]>(instances.images.map(({ id }) => [id, []]))
  for (const [number, annotation] of instances.annotations.entries()) {
    const { image_id: image, category_id: category } = annotation
    const annotations = annotationsOf.get(image)
    if (!annotations || !labelOf.has(category)) {
      throw new DataError(
        'data/unknown-id',
        `${file}: annotation ${number} names what the file does not have`,
        {
          received: annotations ? `category ${category}` : `image ${image}`,
        },
      )
    }
    annotations.push(annotation)
  }
  return instances.images.map((image) => {
    const where = `${file}: image ${image.id}`
    const source = pathWithin(images, image.file_name, where)
    const name = image.file_name.replace(/\.[^./\\]*$/, '').replaceAll(/[\\/]/g, '_')
    return {
      // splits may have directories of their own, with the same names in them
      id: split === undefined ? name : `${split}_${name}`,
      group: groupOf(name),
      split,
      sources: [source, file],
      read: () => readSample(source, image, { annotations: annotationsOf.get(image.id)!, labelOf, where }),
    }
  })
}

async function readSample(
  source: string,
  { width, height }: { readonly width: number; readonly height: number },
  at: {
    readonly annotations: readonly Annotation[]
    readonly labelOf: ReadonlyMap<number, number>
    readonly where: string
  },
): Promise<Omit<Sample, 'id'>> {
  const image = await decodeImage(source, { colour: true })
  if (image.width !== width || image.height !== height) {
    throw new DataError('data/size', `${source}: has another size than its annotation says`, {
      expected: `${width} × ${height}`,
      received: `${image.width} × ${image.height}`,
    })
  }
  const objects = at.annotations.map((annotation) => ({
    annotation,
    pixels: pixelsOf(annotation, image, at.where),
  }))
  const labels = new Uint8Array(width * height)
  const instances = new Int32Array(width * height)
  for (const { annotation, pixels } of objects) {
    if (annotation.iscrowd) for (const pixel of pixels) labels[pixel] = IGNORE_LABEL
  }
  const single = objects.filter(({ annotation }) => !annotation.iscrowd)
  single.sort((a, b) => b.pixels.length - a.pixels.length)
  for (const [index, { annotation, pixels }] of single.entries()) {
    const label = at.labelOf.get(annotation.category_id)!
    for (const pixel of pixels) {
      labels[pixel] = label
      instances[pixel] = index + 1
    }
  }
  return { width, height, channels: 3, image: image.data, labels, instances }
}

/** Indexes of the pixels of an object, which may come in several parts. */
function pixelsOf(
  { segmentation }: Annotation,
  image: { readonly width: number; readonly height: number },
  where: string,
): readonly number[] {
  const pixels: number[] = []
  const collect = (pixel: number) => {
    pixels.push(pixel)
  }
  if (Array.isArray(segmentation)) {
    for (const corners of segmentation) fillCocoPolygon(corners, image, collect, where)
    return segmentation.length > 1 ? [...new Set(pixels)] : pixels
  }
  const { counts, size } = segmentation
  if (size[0] !== image.height || size[1] !== image.width) {
    throw new DataError('data/size', `${where}: run lengths of another size`, {
      expected: `${image.height} × ${image.width} (height first)`,
      received: size.join(' × '),
    })
  }
  fillRunLengths(typeof counts === 'string' ? parseRunLengths(counts, where) : counts, image, collect, where)
  return pixels
}
