import { DataError } from '@limbeck/core'

interface Size {
  readonly width: number
  readonly height: number
}

/** Throws `DataError` naming both files where a mask has another size than its image. */
export function requireSameSize(maskFile: string, mask: Size, imageFile: string, image: Size): void {
  if (mask.width === image.width && mask.height === image.height) return
  throw new DataError('data/size', `${maskFile}: has another size than its image ${imageFile}`, {
    expected: `${image.width} × ${image.height}`,
    received: `${mask.width} × ${mask.height}`,
  })
}
