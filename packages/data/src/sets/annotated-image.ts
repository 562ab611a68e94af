import { DataError, IGNORE_LABEL, type Sample } from '@limbeck/core'
import { readBytes } from '../files/read-whole.ts'
import { decodeImage } from '../formats/image.ts'
import { type ImageArray, imageOfArray } from '../formats/image-array.ts'
import { parseNpy } from '../formats/npy.ts'
import { channelsOf } from '../formats/plane.ts'
import { requireSameSize } from '../formats/require-same-size.ts'
import { readLabelFile } from './label-file.ts'
import { objectsOf } from './object-map.ts'

/** Files of an image whose objects are told apart. See `readLabelFile`. */
export interface AnnotatedFiles {
  /** PNG, JPEG, TIFF, BMP, WebP, or `.npy` `[H, W, 3]`. */
  readonly image: string
  /** The map of objects. */
  readonly objects: string
  /** The types of the objects or of the pixels, where they are not in the file of the map. */
  readonly types?: string | undefined
}

const MOST_BYTES = 2 ** 28

/**
 * Reads an image, its objects and its classes; `classOf` gives the class of each type that the set knows. Objects need
 * no types where they can be of one class only. Throws `DataError` or `FormatError` naming the file.
 */
export async function readAnnotatedImage(
  files: AnnotatedFiles,
  classOf: ReadonlyMap<number, number>,
): Promise<Omit<Sample, 'id'>> {
  const image = await readImage(files.image)
  const objects = await readLabelFile(files.objects)
  const map = objects.objects()
  requireSameSize(files.objects, map, files.image, image)
  const instances = objectsOf(map, files.objects)
  if (files.types === undefined && !objects.typed) {
    const only = onlyClass(classOf, files.objects)
    return { ...image, labels: Uint8Array.from(instances, (object) => (object === 0 ? 0 : only)), instances }
  }
  const types = files.types === undefined ? objects : await readLabelFile(files.types)
  return { ...image, labels: types.labels(instances, classOf), instances }
}

function onlyClass(classOf: ReadonlyMap<number, number>, file: string): number {
  const classes = new Set(classOf.values())
  classes.delete(0)
  classes.delete(IGNORE_LABEL)
  const [only, ...others] = classes
  if (only !== undefined && others.length === 0) return only
  throw new DataError('data/missing-types', `${file}: has no types of its objects`, {
    expected: `types for ${classes.size} classes`,
    received: 'a map of objects alone',
    hint: 'name the files that have them, or one class besides the background',
  })
}

async function readImage(file: string): Promise<ImageArray> {
  if (file.endsWith('.npy')) {
    const array = parseNpy(await readBytes(file, MOST_BYTES), file)
    // HoVer-Net's patches: objects and types follow the colours
    return imageOfArray(array.shape[2] === 5 ? channelsOf(array, 0, 3) : array, file)
  }
  const { data, ...size } = await decodeImage(file, { colour: true })
  return { ...size, image: data }
}
