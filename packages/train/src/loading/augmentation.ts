import {
  blur,
  brightness,
  colour,
  compose,
  contrast,
  crop,
  flip,
  noise,
  rotate,
  stainJitter,
  type Transform,
  warp,
} from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'

/** What a config does to each training image: where it is cut and bent first, then what becomes of its colours. */
export function augmentation({ crop: side, focus, augment }: ExperimentConfig['batch']): Transform {
  const { zoom, angle, elastic } = augment
  const bends = zoom > 0 || angle > 0 || elastic > 0
  const cropped = side === undefined ? {} : { side, focus: { chance: focus } }
  return compose([
    ...(bends ? [warp({ ...cropped, zoom, angle, elastic })] : []),
    ...(!bends && side !== undefined ? [crop(side, cropped.focus)] : []),
    ...(augment.flip ? [flip()] : []),
    // what is not cropped need not be square, and a batch has one size
    ...(augment.rotate ? [rotate({ keepSize: true })] : []),
    ...(augment.stain > 0 ? [stainJitter(augment.stain)] : []),
    ...(augment.hue > 0 || augment.saturation > 0 ? [colour(augment)] : []),
    ...(augment.brightness > 0 ? [brightness(augment.brightness)] : []),
    ...(augment.contrast > 0 ? [contrast(augment.contrast)] : []),
    ...(augment.blur > 0 ? [blur(augment.blur)] : []),
    ...(augment.noise > 0 ? [noise(augment.noise)] : []),
  ])
}
