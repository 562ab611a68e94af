import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const SIZE = 16
export const IMAGES = ['a', 'b', 'c', 'd'] as const

/** Writes a folder data set of four images of 16 × 16 with the classes red and green, and a config that trains on it. */
export async function writeFolderSet(directory: string): Promise<string> {
  const set = join(directory, 'set')
  for (const part of ['images', 'masks']) await mkdir(join(set, part), { recursive: true })
  for (const [index, id] of IMAGES.entries()) {
    const labels = Uint8Array.from({ length: SIZE * SIZE }, (_, at) => (at + index) % 3)
    const image = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, at) => (at * 37 + index) % 256)
    await writeImage(join(set, 'images', `${id}.png`), image, { size: SIZE, channels: 3 })
    await writeImage(join(set, 'masks', `${id}.png`), labels, { size: SIZE, channels: 1 })
  }
  const classes = ['background', 'red', 'green'].map((name, id) => ({ id, name }))
  await writeFile(join(set, 'manifest.json'), JSON.stringify({ name: 'set', classes }))
  await writeFile(join(set, 'splits.json'), JSON.stringify({ train: IMAGES.slice(0, 3), validation: ['d'] }))
  const config = join(directory, 'config.yaml')
  await writeFile(
    config,
    `name: tiny
data: { use: folder, options: { path: set } }
student: { use: unet, options: { width: 2, depth: 1 } }
method: { use: fine-tune }
protocol: { tasks: 1-1 }
batch: { size: 2 }
epochs: 1
`,
  )
  return config
}

/** Writes pixels as PNG; one channel is a mask. */
export async function writeImage(
  file: string,
  pixels: Uint8Array,
  { size, channels }: { readonly size: number; readonly channels: 1 | 3 },
): Promise<void> {
  const image = sharp(pixels, { raw: { width: size, height: pixels.length / size / channels, channels } })
  await (channels === 1 ? image.toColourspace('b-w') : image).png().toFile(file)
}
