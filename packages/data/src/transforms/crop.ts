import { IGNORE_LABEL } from '@limbeck/core'
import { rearrange } from './rearrange.ts'
import type { Transform, UnitSample } from './transform.ts'

/** A random square of `side` pixels. A smaller image is mirrored at its borders; what was added is ignored. */
export const crop =
  (side: number): Transform =>
  (sample, random) => {
    const top = random.integer(Math.max(1, sample.height - side + 1))
    const left = random.integer(Math.max(1, sample.width - side + 1))
    return cropAt(sample, { top, left, side })
  }

/** The square of `side` pixels in the middle. */
export const centreCrop =
  (side: number): Transform =>
  (sample) =>
    cropAt(sample, {
      top: Math.max(0, (sample.height - side) >> 1),
      left: Math.max(0, (sample.width - side) >> 1),
      side,
    })

function cropAt(
  sample: UnitSample,
  { top, left, side }: { readonly top: number; readonly left: number; readonly side: number },
): UnitSample {
  const { width, height } = sample
  if (width === side && height === side) return sample
  const cropped = rearrange(
    sample,
    { width: side, height: side },
    (row, column) => mirror(top + row, height) * width + mirror(left + column, width),
  )
  if (width >= side && height >= side) return cropped
  const inside = (at: number) => Math.floor(at / side) < height && at % side < width
  return { ...cropped, labels: cropped.labels.map((id, at) => (inside(at) ? id : IGNORE_LABEL)) }
}

/** Folds an index into 0..length-1 by mirroring at the last pixel: 0 1 2 | 1 0 1 2 … */
function mirror(index: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const folded = index % period
  return folded < length ? folded : period - folded
}
