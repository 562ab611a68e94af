import { DataError, formatShape } from '@limbeck/core'
import { type NpyFile, openNpy } from '../formats/npy-file.ts'

/** N images and N maps of one size in two `.npy` files. */
export interface ImageStacks {
  readonly count: number
  /** `[N, H, W, 3]` */
  readonly images: NpyFile
  /** `[N, H, W, channels]` */
  readonly maps: NpyFile
}

/** Opens both files; nothing but their heads is read. Throws `DataError` naming the one that does not fit. */
export async function openStacks(
  imagesFile: string,
  mapsFile: string,
  { mapChannels }: { readonly mapChannels: number },
): Promise<ImageStacks> {
  const images = await openNpy(imagesFile)
  const maps = await openNpy(mapsFile)
  const [count = 0, height = 0, width = 0] = images.shape
  requireShape(images, [count, height, width, 3], 'does not hold images in colour')
  requireShape(maps, [count, height, width, mapChannels], `does not fit ${imagesFile}`)
  return { count, images, maps }
}

function requireShape({ file, shape }: NpyFile, expected: readonly number[], what: string): void {
  if (formatShape(shape) === formatShape(expected) && !expected.includes(0)) return
  throw new DataError('data/shape', `${file}: ${what}`, {
    expected: formatShape(expected.map((length) => Math.max(1, length))),
    received: formatShape(shape),
  })
}
