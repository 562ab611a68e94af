import {
  ConfigError,
  type Dataset,
  type DatasetClass,
  defineDataset,
  Random,
  type Sample,
  type Split,
  z,
} from '@limbeck/core'
import { paletteColor } from '../render/palette.ts'
import { NUCLEUS_TYPES } from './nucleus-types.ts'
import { photograph } from './photograph.ts'
import { type Demand, placeNuclei } from './place-nuclei.ts'
import { clearSlide } from './slide.ts'
import { stainNuclei } from './stain-nuclei.ts'
import { growTissue } from './tissue.ts'

const TYPES = [
  NUCLEUS_TYPES.epithelial,
  NUCLEUS_TYPES.lymphocyte,
  NUCLEUS_TYPES.macrophage,
  NUCLEUS_TYPES.neutrophil,
] as const

/** Pixel shares of MoNuSAC's training set (Verma et al., 2021, IEEE Transactions on Medical Imaging 40). */
const MONUSAC = { epithelial: 0.109, lymphocyte: 0.044, macrophage: 0.017, neutrophil: 0.004 }
const BALANCED = { epithelial: 0.065, lymphocyte: 0.065, macrophage: 0.065, neutrophil: 0.065 }

const CLASSES: readonly DatasetClass[] = ['background', ...TYPES.map(({ name }) => name)].map((name, id) => ({
  id,
  name,
  color: paletteColor(id),
}))

const share = z.number().min(0).max(0.4)
const count = (fallback: number) => z.int().nonnegative().default(fallback)

/**
 * Drawn H&E-like images with four types of nuclei in MoNuSAC's imbalance, exact labels and instances. Image i of a
 * split depends on `seed`, the split and i alone; it is drawn when it is read.
 */
export const syntheticNuclei = defineDataset({
  name: 'synthetic-nuclei',
  summary: 'Procedural H&E-like images with four types of nuclei; no download.',
  options: {
    size: z.int().min(16).max(4096).default(64).describe('side of the square images, in pixels'),
    train: count(256).describe('number of images to train on'),
    validation: count(64).describe('number of images to validate on'),
    test: count(64).describe('number of images to test on'),
    seed: z.int().default(0).describe('other seeds give other images'),
    shares: z
      .strictObject({ epithelial: share, lymphocyte: share, macrophage: share, neutrophil: share })
      .partial()
      .optional()
      .describe("mean share of pixels of each type, MoNuSAC's where absent"),
    balanced: z.boolean().default(false).describe('the same share of pixels for each type'),
    scale: z
      .number()
      .positive()
      .default(1)
      .describe('size of the nuclei; at 1 the radius of an epithelial one is about 6 pixels'),
    stainVariation: z.number().min(0).max(0.5).default(0.15).describe('spread of the stains between images'),
  },
  async open({ options }): Promise<Dataset> {
    const { size, scale, seed, stainVariation, balanced } = options
    if (balanced && options.shares) {
      throw new ConfigError(
        'config/invalid',
        'data set "synthetic-nuclei": shares and balanced exclude each other',
        {
          hint: 'leave out one of them',
        },
      )
    }
    const shares = { ...(balanced ? BALANCED : MONUSAC), ...options.shares }
    const demands = TYPES.map((type) => ({ type, share: shares[type.name] ?? MONUSAC[type.name] }))
    const split = (name: 'train' | 'validation' | 'test'): Split => {
      const ids = Array.from({ length: options[name] }, (_, i) => `${name}-${i}`)
      const read = async (i: number) => {
        const random = new Random(seed).fork('synthetic-nuclei', name, i)
        return drawSample(ids[i]!, demands, { size, scale, stainVariation, random })
      }
      return { name, ids, read }
    }
    const splits = (['train', 'validation', 'test'] as const).map((name) => [name, split(name)] as const)
    return { name: 'synthetic-nuclei', classes: CLASSES, channels: 3, splits: new Map(splits) }
  },
})

function drawSample(
  id: string,
  demands: readonly Demand[],
  at: {
    readonly size: number
    readonly scale: number
    readonly stainVariation: number
    readonly random: Random
  },
): Sample {
  const { size, scale, stainVariation, random } = at
  const slide = clearSlide(size)
  const tissue = growTissue(slide, scale, random.fork('tissue'))
  const { nuclei, owner } = placeNuclei(demands, { tissue, size, scale, random: random.fork('places') })
  stainNuclei(slide, nuclei, scale, random.fork('nuclei'))
  const idOf = nuclei.map(({ type }) => 1 + demands.findIndex((demand) => demand.type === type))
  return {
    id,
    width: size,
    height: size,
    channels: 3,
    image: photograph(slide, stainVariation, random.fork('camera')),
    labels: Uint8Array.from(owner, (nucleus) => (nucleus === 0 ? 0 : idOf[nucleus - 1]!)),
    instances: owner,
  }
}
