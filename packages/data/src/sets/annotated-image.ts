import type { Sample } from '@limbeck/core'
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
  /** The types of the objects, or of the pixels; often the same file. */
  readonly types: string
}

const MOST_BYTES = 2 ** 28

/**
 * Reads an image, its objects and its classes; `classOf` gives the class of each type that the set knows. Throws
 * `DataError` or `FormatError` naming the file.
 */
export async function readAnnotatedImage(
  { image: imageFile, objects: objectsFile, types: typesFile }: AnnotatedFiles,
  classOf: ReadonlyMap<number, number>,
): Promise<Omit<Sample, 'id'>> {
  const [image, objects] = await Promise.all([readImage(imageFile), readLabelFile(objectsFile)])
  const types = typesFile === objectsFile ? objects : await readLabelFile(typesFile)
  const map = objects.objects()
  requireSameSize(objectsFile, map, imageFile, image)
  const instances = objectsOf(map, objectsFile)
  return { ...image, labels: types.labels(instances, classOf), instances }
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
