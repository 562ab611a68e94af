import { IGNORE_LABEL, type Random, type Split } from '@limbeck/core'
import { summaryOf } from '../cache/summarize.ts'

/** Draws the order in which an epoch shows a split's images. */
export type Sampler = (random: Random) => readonly number[]

/** Every image once, in random order. */
export const uniformSampler = (split: Split): Sampler => {
  const count = split.ids.length
  return (random) => random.permutation(count)
}

/**
 * Images drawn with replacement so that each class is about equally likely to be in view: an image's chance is that
 * of its rarest class, one over the share of images that show it. An epoch is as long as the split.
 */
export async function rareClassSampler(split: Split): Promise<Sampler> {
  const presence: Set<number>[] = []
  const imagesWith = new Map<number, number>()
  for (let index = 0; index < split.ids.length; index++) {
    const present = new Set((await summaryOf(split, index)).pixels.keys())
    present.delete(IGNORE_LABEL)
    presence.push(present)
    for (const id of present) imagesWith.set(id, (imagesWith.get(id) ?? 0) + 1)
  }
  const weights = presence.map((present) =>
    Math.max(0, ...[...present].map((id) => split.ids.length / imagesWith.get(id)!)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return uniformSampler(split)
  return (random) => split.ids.map(() => random.weighted(weights))
}
