import type { Tap, Tensor4D } from '@limbeck/core'
import type { Lazy } from '../lazy.ts'
import type { Maps } from './segmenter.ts'

/** The logits of a network at the image's size. */
export const logitsTap = (classes: number): Tap => ({ name: 'logits', channels: classes, stride: 1 })

/** `logits.1`, `logits.2`, … for a network with several heads; nothing for one, whose tap is `logits`. */
export const headTaps = (heads: number, classes: number): readonly Tap[] =>
  heads === 1 ? [] : Array.from({ length: heads }, (_, i) => ({ ...logitsTap(classes), name: headName(i) }))

/** The maps behind those taps. */
export const headMaps = (logits: readonly Lazy<Tensor4D>[]): Maps =>
  logits.length === 1 ? {} : Object.fromEntries(logits.map((map, i) => [headName(i), map]))

const headName = (i: number): string => `logits.${i + 1}`
