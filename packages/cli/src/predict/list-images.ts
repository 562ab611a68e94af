import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@limbeck/core'
import { isDirectory } from '../is-directory.ts'

const EXTENSION = /\.(png|jpe?g|tiff?|svs|webp|bmp)$/i

/** The image files that paths name; a directory stands for the images in it, by name, without those of its folders. */
export async function listImages(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => ((await isDirectory(path)) ? imagesIn(path) : [path])),
  )
  return lists.flat()
}

async function imagesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory)
  const images = names.filter((name) => EXTENSION.test(name) && !name.startsWith('.')).sort()
  if (images.length > 0) return images.map((name) => join(directory, name))
  throw new DataError('predict/no-images', `${directory}: holds no image`, {
    expected: 'PNG, JPEG, TIFF, SVS, WebP or BMP files',
    received:
      names.length === 0
        ? 'an empty directory'
        : `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`,
  })
}
