import type { Random } from '@limbeck/core'
import type { NucleusType, Range } from './nucleus-types.ts'

/** One nucleus at its place. */
export interface Nucleus {
  readonly type: NucleusType
  readonly x: number
  readonly y: number
  readonly angle: number
  readonly bend: number
  readonly lobes: readonly Lobe[]
  /** Pixels from the centre to the farthest point of the outline, at most. */
  readonly reach: number
}

/** A wobbly ellipse in the nucleus's own coordinates: pixels along its long and short axis. */
interface Lobe {
  readonly x: number
  readonly y: number
  readonly long: number
  readonly short: number
  readonly waves: readonly { readonly strength: number; readonly count: number; readonly phase: number }[]
}

/** A nucleus of a type about the origin, from its type's ranges. */
export function formNucleus(type: NucleusType, scale: number, random: Random): Nucleus {
  const count = wholeWithin(type.lobes, random)
  const lobes = Array.from({ length: count }, (_, k) => formLobe(type, scale, k, count, random))
  const reach = Math.max(...lobes.map(({ x, y, long }) => Math.hypot(x, y) + long * (1 + 2 * type.wobble)))
  return {
    type,
    x: 0,
    y: 0,
    angle: random.uniform(0, 2 * Math.PI),
    bend: within(type.bend, random),
    lobes,
    reach,
  }
}

/** Several lobes lie on an arc and overlap a little, like beads on a bent string. */
function formLobe(type: NucleusType, scale: number, k: number, count: number, random: Random): Lobe {
  const radius = scale * within(type.radius, random)
  const axis = Math.sqrt(within(type.elongation, random))
  const turn = (k - (count - 1) / 2) * random.uniform(1.25, 1.5)
  const arm = count === 1 ? 0 : 1.35 * radius
  return {
    x: arm * Math.sin(turn),
    y: arm * (Math.cos(turn) - 0.4),
    long: radius * axis,
    short: radius / axis,
    waves: [2, 3, 5].map((waves) => ({
      strength: (random.normal() * type.wobble) / Math.SQRT2,
      count: waves,
      phase: random.uniform(0, 2 * Math.PI),
    })),
  }
}

/**
 * How deep a point lies in the nucleus, in pixels along the way to its centre; 0 on the outline, negative
 * outside.
 */
export function depth({ x, y, angle, bend, lobes }: Nucleus, atX: number, atY: number): number {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const along = cos * (atX - x) + sin * (atY - y)
  const across = cos * (atY - y) - sin * (atX - x)
  let deepest = Number.NEGATIVE_INFINITY
  for (const lobe of lobes) {
    const u = (along - lobe.x) / lobe.long
    const v = (across - lobe.y) / lobe.short + bend * (2 * u * u - 0.5)
    const direction = Math.atan2(v, u)
    let outline = 1
    for (const { strength, count, phase } of lobe.waves)
      outline += strength * Math.cos(count * direction + phase)
    deepest = Math.max(deepest, (outline - Math.hypot(u, v)) * lobe.short)
  }
  return deepest
}

export const within = ([least, greatest]: Range, random: Random): number => random.uniform(least, greatest)
export const wholeWithin = ([least, greatest]: Range, random: Random): number =>
  least + random.integer(greatest - least + 1)
