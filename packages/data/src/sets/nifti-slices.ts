import { basename, join } from 'node:path'
import { DataError, defineDataset, IGNORE_LABEL, type Sample, z } from '@limbeck/core'
import { atMost } from '../files/at-most.ts'
import { filesEnding } from '../files/list-files.ts'
import { type NiftiAxis, type NiftiVolume, readNifti } from '../formats/nifti.ts'
import { type NiftiHeader, readNiftiHeader } from '../formats/nifti-header.ts'
import { RecentlyUsed } from '../formats/recently-used.ts'
import { classTable } from './class-table.ts'
import { groupBy, groupOption } from './group-option.ts'
import { relabel } from './relabel.ts'
import { divisionOptions, itemOptions, rootOf, type SetItem, setOfItems } from './set-of-items.ts'

/** Volumes in memory: a CT and its labels have some 200 MB, and slices are read side by side. */
const VOLUME_BYTES = 2 ** 30
/** Cases that are unpacked at once, which comes on top: a loader asks for slices of many. */
const CASES_AT_ONCE = 2
const labelValues = z.union([z.int(), z.array(z.int()).min(1)])

/**
 * Volumes in NIfTI as slices, laid out as in the Medical Segmentation Decathlon and nnU-Net: `imagesTr/<case>.nii.gz`
 * and `labelsTr/<case>.nii.gz`, also `<case>_0000.nii.gz` for the image. Slices of one patient stay together. See
 * `NiftiVolume.slice` for how a slice lies. A set of one organ for MS-KD is `classes: { liver: [1, 2] }`.
 */
export const niftiSlices = defineDataset({
  name: 'nifti-slices',
  summary: 'Slices of CT and MR volumes in NIfTI, one set a task or organ.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    images: z.string().default('imagesTr').describe('sub-directory with the volumes'),
    labels: z.string().default('labelsTr').describe('sub-directory with the labels, of the same names'),
    classes: z
      .record(z.string(), labelValues)
      .describe('which numbers in the labels are which class: `{ liver: [1, 2] }`; 0 is background'),
    ignore: z.array(z.int()).default([]).describe('numbers in the labels that take part in nothing'),
    axis: z
      .int()
      .min(0)
      .max(2)
      .default(2)
      .describe('axis across which slices are cut, as the file counts them'),
    window: z
      .strictObject({ low: z.number(), high: z.number() })
      .optional()
      .describe(
        'intensities that become 0 and 1, e.g. -160 and 240 HU for abdominal CT; default: those of the volume',
      ),
    group: groupOption,
  },
  async open({ options, directory }) {
    const root = rootOf(options, directory)
    const names = Object.keys(options.classes)
    const known = new Map([[0, 0]])
    for (const value of options.ignore) known.set(value, IGNORE_LABEL)
    for (const [at, values] of Object.values(options.classes).entries()) {
      for (const value of [values].flat()) known.set(value, at + 1)
    }
    const cases = await pairs(join(root, options.images), join(root, options.labels))
    const volumes = new RecentlyUsed<CaseVolumes>(VOLUME_BYTES)
    const unpack = atMost(CASES_AT_ONCE)
    const groupOf = groupBy(options.group, 'nifti-slices')
    const axis = options.axis as NiftiAxis
    const items: SetItem[] = []
    for (const [index, { name, image, label }] of cases.entries()) {
      const { shape } = await requireSameGrid(image, label)
      const read = () => volumes.get(index, () => unpack(() => readCase(image, label, options.window)))
      const group = groupOf(name)
      for (let slice = 0; slice < shape[axis]; slice++) {
        items.push({
          id: `${name}_${String(slice).padStart(3, '0')}`,
          group,
          sources: [image, label],
          read: async () => cutSample(await read(), { axis, slice, known, file: label }),
        })
      }
    }
    const classes = classTable(['background', ...names])
    return setOfItems({ name: 'nifti-slices', root, classes, channels: 1, items }, options)
  },
})

interface CaseVolumes {
  readonly image: NiftiVolume
  readonly label: NiftiVolume
  readonly range: Range
  readonly byteLength: number
}

interface Range {
  readonly low: number
  readonly high: number
}

interface Case {
  readonly name: string
  readonly image: string
  readonly label: string
}

async function pairs(imageDirectory: string, labelDirectory: string): Promise<Case[]> {
  const images = await filesEnding(imageDirectory, '.nii', '.nii.gz')
  const labels = new Map(
    (await filesEnding(labelDirectory, '.nii', '.nii.gz')).map((file) => [caseOf(file), file]),
  )
  return images.map((image) => {
    const name = labels.has(caseOf(image)) ? caseOf(image) : caseOf(image).replace(/_0000$/, '')
    const label = labels.get(name)
    if (label !== undefined) return { name, image, label }
    throw new DataError('data/missing-file', `${image}: has no labels`, {
      expected: join(labelDirectory, `${name}.nii.gz`),
      received: `${labels.size} files, none of that name`,
    })
  })
}

const caseOf = (file: string): string => basename(file).replace(/\.nii(\.gz)?$/i, '')

/** The header of a volume, unless its labels have another size or are known to lie otherwise in the body. */
async function requireSameGrid(image: string, label: string): Promise<NiftiHeader> {
  const of = await readNiftiHeader(image)
  const its = await readNiftiHeader(label)
  if (of.shape.some((length, axis) => length !== its.shape[axis])) {
    throw new DataError('data/size', `${label}: has another size than its volume ${image}`, {
      expected: of.shape.join(' × '),
      received: its.shape.join(' × '),
    })
  }
  const known = of.orientation !== undefined && its.orientation !== undefined
  if (!known || of.orientation === its.orientation) return of
  throw new DataError('data/orientation', `${label}: lies otherwise than its volume ${image}`, {
    expected: `axes that run ${of.orientation}`,
    received: its.orientation!,
    hint: 'turn both alike in Python: nibabel.as_closest_canonical(nibabel.load(file))',
  })
}

async function readCase(
  imageFile: string,
  labelFile: string,
  window: Range | undefined,
): Promise<CaseVolumes> {
  const image = await readNifti(imageFile)
  const label = await readNifti(labelFile)
  return { image, label, range: window ?? rangeOf(image), byteLength: image.byteLength + label.byteLength }
}

function rangeOf(volume: NiftiVolume): Range {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let slice = 0; slice < volume.header.shape[2]; slice++) {
    for (const value of volume.slice(2, slice).data) {
      // NaN, which some tools write outside the body, is neither
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return { low, high }
}

function cutSample(
  { image, label, range }: CaseVolumes,
  at: {
    readonly axis: NiftiAxis
    readonly slice: number
    readonly known: ReadonlyMap<number, number>
    readonly file: string
  },
): Omit<Sample, 'id'> {
  const { width, height, data } = image.slice(at.axis, at.slice)
  const { low, high } = range
  const scale = high > low ? 1 / (high - low) : 0
  for (let i = 0; i < data.length; i++) data[i] = Math.min(1, Math.max(0, (data[i]! - low) * scale)) || 0
  const where = `${at.file}, slice ${at.slice} across axis ${at.axis}`
  const labels = relabel(label.slice(at.axis, at.slice).data, { known: at.known, width, where })
  return { width, height, channels: 1, image: data, labels }
}
