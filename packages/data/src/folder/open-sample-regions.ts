import { DataError, type DatasetClass, type SampleRegions } from '@limbeck/core'
import { openRegionReader, type RegionReader } from '../formats/region-reader.ts'
import { requireSameSize } from '../formats/require-same-size.ts'
import { isTiff } from '../formats/tiff-region.ts'
import { withChannels } from '../formats/with-channels.ts'
import { type FolderFiles, requireKnownIds } from './read-sample.ts'

/** Samples with more pixels are read by windows where their files allow it. */
const MOST_WHOLE_PIXELS = 2 ** 25

/**
 * Opens a sample whose image and mask are large TIFF files for reading by windows; nothing for any other sample, nor for
 * one with instances, which are needed as a whole. Throws `DataError` naming the file, of a mask's pixels when they are
 * read.
 */
export async function openSampleRegions(
  id: string,
  files: FolderFiles,
  { classes, colour }: { readonly classes: readonly DatasetClass[]; readonly colour: boolean },
): Promise<SampleRegions | undefined> {
  const { image: imageFile, mask: maskFile, instances } = files
  if (instances !== undefined || !(await isTiff(imageFile)) || !(await isTiff(maskFile))) return undefined
  const image = await openRegionReader(imageFile)
  if (image.width * image.height <= MOST_WHOLE_PIXELS) {
    await image.close()
    return undefined
  }
  let mask: RegionReader | undefined
  const close = async () => {
    await image.close()
    await mask?.close()
  }
  try {
    mask = await openRegionReader(maskFile)
    requireMask(maskFile, mask)
    requireSameSize(maskFile, mask, imageFile, image)
  } catch (error) {
    await close()
    throw error
  }
  const { width, height, read } = mask
  const labels = {
    ...{ width, height, channels: 1 },
    read: async (window: Parameters<typeof read>[0]) => {
      const data = (await read(window)) as Uint8Array
      requireKnownIds(maskFile, { ...window, channels: 1, data }, classes, window)
      return data
    },
  }
  return { id, image: withChannels(image, colour ? 3 : 1), labels, close }
}

function requireMask(file: string, { channels, bits }: RegionReader): void {
  if (channels === 1 && bits === 8) return
  throw new DataError('data/mask-format', `${file}: a mask has one channel whose value is the id`, {
    expected: 'grey, 8 bits',
    received: `${channels} channels of ${bits} bits`,
  })
}
