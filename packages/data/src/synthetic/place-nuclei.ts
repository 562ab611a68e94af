import type { Random } from '@limbeck/core'
import { depth, formNucleus, type Nucleus } from './nucleus.ts'
import type { NucleusType } from './nucleus-types.ts'
import type { Tissue } from './tissue.ts'

/** Nuclei in their places, top-most first, and whose each pixel is: `owner` is 1 + an index into `nuclei`, 0 for none. */
export interface Placement {
  readonly nuclei: readonly Nucleus[]
  readonly owner: Int32Array
}

/** A type of nucleus and the share of pixels that it should have on average over many images. */
export interface Demand {
  readonly type: NucleusType
  readonly share: number
}

const TRIES = 40
const MOST_HIDDEN = 0.3

/**
 * Places nuclei from the top down: each takes what is free of its area, so that what one gets is final and shares
 * come out right under any overlap. The last nucleus of a type is placed with the probability that makes the
 * expected share the one demanded; where no place is left, the type goes short.
 */
export function placeNuclei(
  demands: readonly Demand[],
  at: { readonly tissue: Tissue; readonly size: number; readonly scale: number; readonly random: Random },
): Placement {
  const { size, random } = at
  const nuclei: Nucleus[] = []
  const owner = new Int32Array(size * size)
  // some fields are rich in a type and others poor, with the right mean
  const left = demands.map(({ share }) => share * size * size * random.uniform(0.4, 1.6))
  while (left.some((pixels) => pixels > 0)) {
    const k = random.weighted(left)
    const found = findPlace(demands[k]!.type, nuclei, owner, at)
    if (!found || !random.chance(left[k]! / found.pixels.length)) {
      left[k] = 0
      continue
    }
    nuclei.push(found.nucleus)
    for (const pixel of found.pixels) owner[pixel] = nuclei.length
    left[k] = Math.max(0, left[k]! - found.pixels.length)
  }
  return { nuclei, owner }
}

function findPlace(
  type: NucleusType,
  nuclei: readonly Nucleus[],
  owner: Int32Array,
  { tissue, size, scale, random }: Parameters<typeof placeNuclei>[1],
): { nucleus: Nucleus; pixels: number[] } | undefined {
  const alike = nuclei.filter((other) => other.type === type)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const formed = formNucleus(type, scale, random)
    const nucleus = { ...formed, ...somewhere(formed, alike, size, random) }
    if (!isAtHome(nucleus, tissue, size, random)) continue
    const { pixels, hidden } = cover(nucleus, owner, size)
    if (pixels.length > 0 && hidden <= MOST_HIDDEN * (pixels.length + hidden)) return { nucleus, pixels }
  }
  return undefined
}

/** A place against another nucleus of the type, or anywhere that shows a part of it. */
function somewhere(
  { type, reach }: Nucleus,
  alike: readonly Nucleus[],
  size: number,
  random: Random,
): { x: number; y: number } {
  if (alike.length > 0 && random.chance(type.flock)) {
    const other = random.pick(alike)
    const distance = (reach + other.reach) * random.uniform(0.75, 1.3)
    const direction = random.uniform(0, 2 * Math.PI)
    return { x: other.x + distance * Math.cos(direction), y: other.y + distance * Math.sin(direction) }
  }
  return { x: random.uniform(-reach, size + reach), y: random.uniform(-reach, size + reach) }
}

function isAtHome({ type, x, y }: Nucleus, { nest, gap }: Tissue, size: number, random: Random): boolean {
  const inside = (value: number) => Math.min(size - 1, Math.max(0, Math.floor(value)))
  const pixel = inside(y) * size + inside(x)
  if (gap[pixel]! > 0.3) return false
  return random.chance(nest[pixel]! * type.nest + (1 - nest[pixel]!) * (1 - type.nest))
}

/** The free pixels whose centre the nucleus covers, and the number of covered ones that others lie upon. */
function cover(nucleus: Nucleus, owner: Int32Array, size: number): { pixels: number[]; hidden: number } {
  const { x, y, reach } = nucleus
  const pixels: number[] = []
  let hidden = 0
  for (let row = Math.max(0, Math.floor(y - reach)); row < Math.min(size, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(size, x + reach); column++) {
      if (depth(nucleus, column + 0.5, row + 0.5) < 0) continue
      if (owner[row * size + column] === 0) pixels.push(row * size + column)
      else hidden++
    }
  }
  return { pixels, hidden }
}
