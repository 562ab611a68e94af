import type { Random } from '@limbeck/core'
import { GradientNoise } from './gradient-noise.ts'
import type { Slide } from './slide.ts'
import { smoothstep } from './smoothstep.ts'

/** Where which tissue lies, `size * size` values in 0..1 each. */
export interface Tissue {
  /** 1 in nests of epithelium, 0 in stroma. */
  readonly nest: Float32Array
  /** 1 in lumina and cracks, which show bare glass. */
  readonly gap: Float32Array
}

/** Lays stroma with its fibres, nests of epithelium and gaps on a clear slide. Lengths grow with `scale`. */
export function growTissue(slide: Slide, scale: number, random: Random): Tissue {
  const { size } = slide
  const regions = new GradientNoise(random.fork('regions'))
  const holes = new GradientNoise(random.fork('holes'))
  const fibres = new GradientNoise(random.fork('fibres'))
  const grain = new GradientNoise(random.fork('grain'))
  const lean = random.uniform(-0.35, 0.35)
  const direction = random.uniform(0, Math.PI)
  const [cos, sin] = [Math.cos(direction), Math.sin(direction)]
  const nest = new Float32Array(size * size)
  const gap = new Float32Array(size * size)
  for (let i = 0; i < size * size; i++) {
    const x = (i % size) / scale
    const y = Math.floor(i / size) / scale
    const inNest = smoothstep(-0.06, 0.06, regions.detailed(x / 48, y / 48) + lean)
    const open = smoothstep(0.36, 0.42, holes.detailed(x / 34, y / 34) + 0.08 * inNest)
    const wave = 9 * regions.at(x / 21 + 50, y / 21)
    const strand =
      (1 - Math.abs(fibres.detailed((cos * x + sin * y) / 19, (cos * y - sin * x + wave) / 3.6))) ** 4
    const cloud = regions.at(x / 15, y / 15 + 50)
    const speckle = grain.detailed(x / 2.2, y / 2.2)
    const solid = 1 - open
    nest[i] = inNest
    gap[i] = open
    slide.eosin[i] = solid * mix(0.1 + 0.34 * strand, 0.24 + 0.06 * speckle, inNest) * (1 + 0.35 * cloud)
    slide.haematoxylin[i] = solid * mix(0.03 + 0.05 * strand, 0.13 + 0.05 * speckle, inNest)
    slide.brown[i] = solid * mix(0.05 + 0.12 * strand, 0.09, inNest) * (1 - 0.3 * cloud)
  }
  return { nest, gap }
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t
