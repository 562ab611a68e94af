import { DataError, type DatasetClass, IGNORE_LABEL, type Sample } from '@limbeck/core'
import { type Decoded, decodeImage, decodeMask } from '../formats/image.ts'
import { requireSameSize } from '../formats/require-same-size.ts'

export interface FolderFiles {
  readonly image: string
  readonly mask: string
  readonly instances: string | undefined
}

/** Decodes one sample and checks it. Throws `DataError` naming the file. */
export async function readSample(
  id: string,
  files: FolderFiles,
  { classes, colour }: { readonly classes: readonly DatasetClass[]; readonly colour: boolean },
): Promise<Sample> {
  const image = await decodeImage(files.image, { colour })
  const mask = await decodeMask(files.mask)
  requireSameSize(files.mask, mask, files.image, image)
  requireKnownIds(files.mask, mask, classes)
  const { width, height, channels } = image
  const sample: Sample = {
    id,
    width,
    height,
    channels,
    image: image.data,
    labels: Uint8Array.from(mask.data),
  }
  if (files.instances === undefined) return sample
  const instances = await decodeMask(files.instances)
  requireSameSize(files.instances, instances, files.image, image)
  return { ...sample, instances: Int32Array.from(instances.data) }
}

/** Throws `DataError` at the first pixel that is of no class; `origin` is where the pixels begin in the mask. */
export function requireKnownIds(
  file: string,
  { data, width }: Decoded,
  classes: readonly DatasetClass[],
  origin = { left: 0, top: 0 },
): void {
  const known = new Uint8Array(256)
  for (const { id } of classes) known[id] = 1
  known[IGNORE_LABEL] = 1
  const at = data.findIndex((id: number) => !known[id])
  if (at < 0) return
  throw new DataError('data/unknown-class', `${file}: unknown class id ${data[at]}`, {
    expected: `${classes.map(({ id, name }) => `${id} ${name}`).join(', ')}, or ${IGNORE_LABEL} ignored`,
    received: `${data[at]}, first at row ${origin.top + Math.floor(at / width)}, column ${origin.left + (at % width)}`,
    hint: 'add the class to manifest.json, or correct the mask',
  })
}
