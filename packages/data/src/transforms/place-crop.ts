import { IGNORE_LABEL, type Random, type Sample } from '@limbeck/core'

/** Crops that seek out what is rare (lesion oversampling; nnU-Net, Isensee et al., 2021). */
export interface CropFocus {
  /**
   * Chance that a crop is centred on a pixel of a class of the foreground: first a class is drawn among those in the
   * image, each with the same chance however few its pixels are, then one of its pixels.
   */
  readonly chance: number
}

const BACKGROUND = 0

/**
 * Where a square crop of `side` pixels lies. It stays inside the image where the image is large enough, so that a
 * pixel in focus near the border is in the crop but not in its middle.
 */
export function placeCrop(
  sample: Sample,
  side: number,
  random: Random,
  focus?: CropFocus,
): { readonly top: number; readonly left: number } {
  const top = random.integer(Math.max(1, sample.height - side + 1))
  const left = random.integer(Math.max(1, sample.width - side + 1))
  const pixel = focus && random.chance(focus.chance) ? rarePixel(sample.labels, random) : undefined
  if (pixel === undefined) return { top, left }
  const around = (at: number, length: number) => Math.max(0, Math.min(length - side, at - (side >> 1)))
  return {
    top: around(Math.floor(pixel / sample.width), sample.height),
    left: around(pixel % sample.width, sample.width),
  }
}

/** A pixel of the foreground, drawn class first; undefined where there is none. */
function rarePixel(labels: Uint8Array, random: Random): number | undefined {
  const counts = new Uint32Array(256)
  for (let at = 0; at < labels.length; at++) counts[labels[at]!]!++
  const present = [...counts.keys()].filter(
    (id) => counts[id]! > 0 && id !== BACKGROUND && id !== IGNORE_LABEL,
  )
  if (present.length === 0) return undefined
  const id = random.pick(present)
  let left = random.integer(counts[id]!)
  for (let at = labels.indexOf(id); ; at = labels.indexOf(id, at + 1)) if (left-- === 0) return at
}
