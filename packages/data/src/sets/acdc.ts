import { basename } from 'node:path'
import { DataError, defineDataset, formatShape, type Sample, z } from '@limbeck/core'
import { filesEnding } from '../files/list-files.ts'
import { readBytes } from '../files/read-whole.ts'
import { readHdf5 } from '../formats/hdf5.ts'
import type { NumericArray } from '../formats/numeric-array.ts'
import { classTable } from './class-table.ts'
import { relabel } from './relabel.ts'
import { divisionOptions, itemOptions, rootOf, setOfItems } from './set-of-items.ts'

/** A slice of a few thousand pixels squared; volumes are refused by their shape. */
const MOST_BYTES = 2 ** 28

/**
 * ACDC (Bernard et al., 2018, IEEE Transactions on Medical Imaging 37) as the semi-supervised literature passes it on
 * (SSL4MIS), and sets laid out like it: a directory of HDF5 files, a slice each, `patient001_frame01_slice_1.h5`, with
 * two arrays of rows, the image in 0..1 and the labels. What is before the first underscore is the patient.
 */
export const acdc = defineDataset({
  name: 'acdc',
  summary: 'ACDC and its like: slices in HDF5, image and labels side by side.',
  options: {
    ...itemOptions,
    ...divisionOptions,
    image: z
      .string()
      .default('image')
      .describe('name of the array with the image; its values are taken as they are'),
    label: z.string().default('label').describe('name of the array with the labels'),
    classes: z
      .array(z.string())
      .min(2)
      .max(254)
      .default(['background', 'right ventricle', 'myocardium', 'left ventricle'])
      .describe('names of the labels 0, 1, 2, …'),
  },
  async open({ options, directory }) {
    const root = rootOf(options, directory)
    const classes = classTable(options.classes)
    const known = new Map(classes.map(({ id }) => [id, id]))
    const items = (await filesEnding(root, '.h5', '.hdf5')).map((file) => {
      const id = basename(file).replace(/\.[^.]*$/, '')
      return {
        id,
        group: id.split('_')[0]!,
        sources: [file],
        read: () => readSample(file, { image: options.image, label: options.label, known }),
      }
    })
    return setOfItems({ name: 'acdc', root, classes, channels: 1, items }, options)
  },
})

async function readSample(
  file: string,
  options: { readonly image: string; readonly label: string; readonly known: ReadonlyMap<number, number> },
): Promise<Omit<Sample, 'id'>> {
  const arrays = await readHdf5(await readBytes(file, MOST_BYTES), [options.image, options.label], file)
  const image = arrays[options.image]!
  const label = arrays[options.label]!
  const [height, width] = planeOf(image, `${file}, array "${options.image}"`)
  const [labelHeight, labelWidth] = planeOf(label, `${file}, array "${options.label}"`)
  if (height !== labelHeight || width !== labelWidth) {
    throw new DataError('data/size', `${file}: "${options.label}" has another size than "${options.image}"`, {
      expected: formatShape(image.shape),
      received: formatShape(label.shape),
    })
  }
  const labels = relabel(label.data, {
    known: options.known,
    width,
    where: `${file}, array "${options.label}"`,
  })
  return { width, height, channels: 1, image: Float32Array.from(image.data), labels }
}

function planeOf({ shape }: NumericArray, where: string): readonly [number, number] {
  if (shape.length === 2) return [shape[0]!, shape[1]!]
  throw new DataError('data/shape', `${where}: not a slice`, {
    expected: '[height, width]',
    received: formatShape(shape),
    hint: 'write a file for each slice of a volume',
  })
}
