import type { Pair } from '../backend/contract.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor4D, tf } from '../tf.ts'

export interface ResizeOptions {
  /** Default bilinear. */
  readonly method?: 'bilinear' | 'nearest'
  /**
   * False (default): pixels are areas and their centres lie at half coordinates, as PyTorch's
   * `align_corners=False`. True: the corner pixels' centres coincide; bilinear only.
   */
  readonly alignCorners?: boolean
}

/**
 * Resizes a map [B,H,W,C] to [B,height,width,C]. Gradients are exact in every setting (tfjs's own are wrong with
 * half-pixel centres). Nearest takes ⌊(i + ½) · in / out⌋, which for whole factors is PyTorch's `nearest`.
 */
export function resize(x: Tensor4D, [height, width]: Pair, options: ResizeOptions = {}): Tensor4D {
  const { method = 'bilinear', alignCorners = false } = options
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new ShapeError(
      'resize/size',
      `resize: x ${formatShape(x.shape)} cannot become ${height} × ${width}`,
    )
  }
  if (x.shape[1] === height && x.shape[2] === width) return x
  const halfPixelCenters = !alignCorners
  return method === 'bilinear'
    ? tf.image.resizeBilinear(x, [height, width], alignCorners, halfPixelCenters)
    : tf.image.resizeNearestNeighbor(x, [height, width], alignCorners, halfPixelCenters)
}
