import { DataError, formatShape } from '@limbeck/core'
import { readBytes } from '../files/read-whole.ts'
import { decodeMask } from '../formats/image.ts'
import { type MatVariables, parseMat, requireArray } from '../formats/mat.ts'
import { parseNpy } from '../formats/npy.ts'
import type { NumericArray } from '../formats/numeric-array.ts'
import { channelOf, type Plane, planeOf } from '../formats/plane.ts'
import { labelsOfObjects, typesInOrder } from './object-map.ts'
import { relabel } from './relabel.ts'

/** A file with a map of objects, of their types, or of both. Its methods throw `DataError` naming it. */
export interface LabelFile {
  readonly file: string
  /** Whether it has the types of its objects beside the map of them. */
  readonly typed: boolean
  /** The map of object ids. */
  objects(): Plane
  /** The class of each pixel, `classOf` being that of each type the set knows; `instances` are the objects read. */
  labels(instances: Int32Array, classOf: ReadonlyMap<number, number>): Uint8Array
}

/** Maps of a few thousand pixels squared. */
const MOST_BYTES = 2 ** 28

/**
 * Opens a file of labels by its ending: `.mat` of MATLAB 5, `.npy`, or a mask of 8 or 16 bits (PNG, TIFF, BMP). Throws
 * `DataError` or `FormatError` naming it.
 */
export async function readLabelFile(file: string): Promise<LabelFile> {
  if (file.endsWith('.mat')) return matLabels(parseMat(await readBytes(file, MOST_BYTES), file), file)
  if (file.endsWith('.npy')) return arrayLabels(parseNpy(await readBytes(file, MOST_BYTES), file), file)
  return maskLabels(await decodeMask(file), file)
}

/**
 * `inst_map`, and the type of each pixel (`type_map`: CoNSeP, HoVer-Net) or of each object: by id (`id`, `class`:
 * Lizard) or in the order of their ids (`inst_type`: HoVer-Net).
 */
function matLabels(variables: MatVariables, file: string): LabelFile {
  const array = (name: string): NumericArray => requireArray(variables, name, file)
  return {
    file,
    typed: ['type_map', 'class', 'inst_type'].some((name) => variables.has(name)),
    objects: () => planeOf(array('inst_map'), file),
    labels(instances, classOf) {
      if (variables.has('type_map'))
        return maskLabels(planeOf(array('type_map'), file), file).labels(instances, classOf)
      const typeOf = variables.has('class')
        ? typesById(array('id'), array('class'), file)
        : typesInOrder(instances, array('inst_type').data, file)
      return labelsOfObjects(instances, typeOf, { classOf, where: file })
    },
  }
}

/** `[H, W]` is a map; the last two channels of `[H, W, C]` are objects and types, as in HoVer-Net's patches. */
function arrayLabels(array: NumericArray, file: string): LabelFile {
  const channels = array.shape[2]
  if (array.shape.length !== 3 || channels === undefined || array.shape[0] === 1) {
    return maskLabels(planeOf(array, file), file)
  }
  if (channels < 2) {
    throw new DataError('data/shape', `${file}: is not a map of objects`, {
      expected: '[height, width], or [height, width, channels] that end with objects and types',
      received: formatShape(array.shape),
    })
  }
  return {
    file,
    typed: true,
    objects: () => channelOf(array, channels - 2),
    labels: (instances, classOf) =>
      maskLabels(channelOf(array, channels - 1), file).labels(instances, classOf),
  }
}

/** A single map: of objects or of types, as it is asked. */
function maskLabels(map: Plane, file: string): LabelFile {
  return {
    file,
    typed: false,
    objects: () => map,
    labels: (instances, known) => {
      if (map.data.length === instances.length)
        return relabel(map.data, { known, width: map.width, where: file })
      throw new DataError('data/size', `${file}: has another size than the map of objects`, {
        expected: `${instances.length} pixels`,
        received: `${map.width} × ${map.height}`,
      })
    },
  }
}

function typesById(
  { data: ids }: NumericArray,
  { data: types }: NumericArray,
  file: string,
): Map<number, number> {
  if (ids.length === types.length) return new Map(Array.from(ids, (id, i) => [id, types[i]!]))
  throw new DataError('data/object-count', `${file}: "id" and "class" are of different lengths`, {
    expected: `${ids.length} types`,
    received: `${types.length}`,
  })
}
