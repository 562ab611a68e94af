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
  const { presence, imagesWith } = await classesInView(split)
  const weights = presence.map((present) =>
    Math.max(0, ...[...present].map((id) => split.ids.length / imagesWith.get(id)!.length)),
  )
  let total = 0
  const ends = Float64Array.from(weights, (weight) => {
    total += weight
    return total
  })
  if (total === 0) return uniformSampler(split)
  return (random) => split.ids.map(() => firstBeyond(ends, random.uniform() * total))
}

/** The index of the first of ascending values that is greater; a set may have too many images to look at each. */
function firstBeyond(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Images drawn with replacement, class first: every class that occurs is drawn equally often, then one of the images
 * that show it (class-aware sampling; Shen et al., 2016). An epoch is as long as the split.
 */
export async function classBalancedSampler(split: Split): Promise<Sampler> {
  const { imagesWith } = await classesInView(split)
  const classes = [...imagesWith.keys()].sort((a, b) => a - b)
  if (classes.length === 0) return uniformSampler(split)
  return (random) => split.ids.map(() => random.pick(imagesWith.get(random.pick(classes))!))
}

/** The classes of each image, and the images of each class; ignored pixels do not count. */
async function classesInView(split: Split): Promise<{
  readonly presence: readonly ReadonlySet<number>[]
  readonly imagesWith: ReadonlyMap<number, readonly number[]>
}> {
  const presence: Set<number>[] = []
  const imagesWith = new Map<number, number[]>()
  for (const index of split.ids.keys()) {
    const present = new Set((await summaryOf(split, index)).pixels.keys())
    present.delete(IGNORE_LABEL)
    presence.push(present)
    for (const id of present) {
      const images = imagesWith.get(id)
      if (images) images.push(index)
      else imagesWith.set(id, [index])
    }
  }
  return { presence, imagesWith }
}
