import type { Random } from '@limbeck/core'
import { GradientNoise } from './gradient-noise.ts'
import { depth, type Nucleus, wholeWithin, within } from './nucleus.ts'
import type { Slide } from './slide.ts'
import { smoothstep } from './smoothstep.ts'

/** Stains cytoplasm, then nuclei from the bottom up; `nuclei` are given top-most first. */
export function stainNuclei(slide: Slide, nuclei: readonly Nucleus[], scale: number, random: Random): void {
  const texture = new GradientNoise(random.fork('texture'))
  const upwards = [...nuclei.entries()].reverse()
  for (const [, nucleus] of upwards) stainCytoplasm(slide, nucleus, scale, texture)
  for (const [k, nucleus] of upwards) stainNucleus(slide, nucleus, scale, texture, random.fork(k))
}

function stainCytoplasm(slide: Slide, nucleus: Nucleus, scale: number, texture: GradientNoise): void {
  const { cytoplasm } = nucleus.type
  if (!cytoplasm) return
  const radius = nucleus.reach * cytoplasm.reach
  forEachPixel(slide.size, nucleus, radius * 1.15, (pixel, x, y) => {
    const distance = Math.hypot(x - nucleus.x, y - nucleus.y) / radius
    const ragged = distance + 0.12 * texture.at(x / (5 * scale) + 90, y / (5 * scale))
    const cover = 1 - smoothstep(0.8, 1, ragged)
    if (cover === 0) return
    const bubble = smoothstep(0.05, 0.4, texture.at(x / (2.3 * scale), y / (2.3 * scale) + 90))
    const matter = 1 - cytoplasm.foam * bubble
    blend(slide.eosin, pixel, cytoplasm.eosin * matter, cover)
    blend(slide.brown, pixel, cytoplasm.brown * matter, cover)
    blend(slide.haematoxylin, pixel, 0.05 * matter, cover)
  })
}

function stainNucleus(
  slide: Slide,
  nucleus: Nucleus,
  scale: number,
  texture: GradientNoise,
  random: Random,
): void {
  const { chromatin, nucleoli } = nucleus.type
  const amount = within(chromatin.amount, random)
  const period = chromatin.clumpSize * scale
  const spots = Array.from({ length: wholeWithin(nucleoli, random) }, () => {
    const distance = 0.35 * nucleus.reach * random.uniform()
    const direction = random.uniform(0, 2 * Math.PI)
    return {
      x: nucleus.x + distance * Math.cos(direction),
      y: nucleus.y + distance * Math.sin(direction),
      radius: scale * random.uniform(0.9, 1.4),
    }
  })
  forEachPixel(slide.size, nucleus, nucleus.reach + 1, (pixel, x, y) => {
    const deep = depth(nucleus, x, y)
    const cover = smoothstep(-0.5, 0.5, deep)
    if (cover === 0) return
    const rim = 1 - smoothstep(0.4 * scale, 1.6 * scale, deep)
    // every nucleus has a texture of its own, so the noise is read at a place of its own
    const clump = texture.detailed(x / period + 7 * nucleus.angle, y / period + 40)
    let haematoxylin = amount * (1 + chromatin.clumps * 2 * clump) + chromatin.rim * rim
    let eosin = 0.16
    for (const spot of spots) {
      const inside = 1 - smoothstep(0.6 * spot.radius, 1.2 * spot.radius, Math.hypot(x - spot.x, y - spot.y))
      haematoxylin += 0.75 * inside
      eosin += 0.25 * inside
    }
    blend(slide.haematoxylin, pixel, Math.max(0.1, haematoxylin), cover)
    blend(slide.eosin, pixel, eosin, 0.8 * cover)
    blend(slide.brown, pixel, 0.04, 0.8 * cover)
  })
}

/** Visits pixels whose centre (x, y) is at most `reach` from the nucleus's, by row and column. */
function forEachPixel(
  size: number,
  nucleus: Nucleus,
  reach: number,
  visit: (pixel: number, x: number, y: number) => void,
): void {
  const { x, y } = nucleus
  for (let row = Math.max(0, Math.floor(y - reach)); row < Math.min(size, y + reach); row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(size, x + reach); column++) {
      visit(row * size + column, column + 0.5, row + 0.5)
    }
  }
}

function blend(map: Float32Array, at: number, value: number, cover: number): void {
  map[at] = map[at]! + (value - map[at]!) * cover
}
