// The data set and the augmentations of the loader's benchmark, for the main thread and for worker threads.
import {
  blur,
  colour,
  compose,
  crop,
  flip,
  noise,
  rotate,
  stainJitter,
  syntheticNuclei,
  warp,
} from '@limbeck/data'

const SIDE = 128

/** By what a table calls them. */
export const augmentations = {
  'flips, rotation, stain': compose([crop(SIDE), flip(), rotate(), stainJitter(0.2)]),
  'flips and rotation alone': compose([crop(SIDE), flip(), rotate()]),
  'zoom, any angle, elastic, stain': compose([
    warp({ side: SIDE, zoom: 0.25, angle: 30, elastic: 2 }),
    flip(),
    stainJitter(0.2),
  ]),
  everything: compose([
    warp({ side: SIDE, zoom: 0.25, angle: 30, elastic: 2, focus: { chance: 0.33 } }),
    flip(),
    rotate(),
    stainJitter(0.2),
    colour({ hue: 0.05, saturation: 0.1 }),
    blur(1),
    noise(0.02),
  ]),
}

export const splitKey = 'train'

/** 32 drawn images of 256 × 256; decoded ones stay in memory. */
export async function openSet() {
  const { splits } = await syntheticNuclei.open({
    options: { size: 256, train: 32, validation: 0, test: 0 },
    directory: '.',
  })
  const split = splits.get(splitKey)
  const samples = new Map()
  return {
    ...split,
    async read(index) {
      if (!samples.has(index)) samples.set(index, await split.read(index))
      return samples.get(index)
    },
  }
}

/** What a worker calls. */
export async function openSources({ augment }) {
  return { splits: new Map([[splitKey, await openSet()]]), transform: augmentations[augment] }
}
