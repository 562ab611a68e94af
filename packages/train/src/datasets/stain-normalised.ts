import { defineDataset, type Registry, type Sample, z } from '@limbeck/core'
import { macenko, mapSamples, reinhard } from '@limbeck/data'
import { openChoice, setChoice } from './set-choice.ts'

const METHODS = { macenko, reinhard } as const

/**
 * Another data set whose H&E images are all stained alike: what scanners and laboratories add is taken out before a
 * network sees it. Training and validation images go through it, and so must whatever the network is used on.
 */
export const stainNormalised = (registry: () => Registry) =>
  defineDataset({
    name: 'stain-normalised',
    summary: 'Another data set with the stains of its H&E images normalised (Macenko, Reinhard).',
    options: {
      of: setChoice.describe('the data set'),
      method: z
        .enum(['macenko', 'reinhard'])
        .default('macenko')
        .describe('by the two stains of each image, or by mean and spread of its colours'),
    },
    async open({ options, directory }) {
      const at = { registry: registry(), directory, where: 'stain-normalised.of' }
      const dataset = await openChoice(options.of, at)
      const normalise = METHODS[options.method]
      return {
        ...dataset,
        splits: new Map(
          [...dataset.splits].map(([name, split]) => [
            name,
            mapSamples(split, (sample) => asBefore(normalise(sample), sample)),
          ]),
        ),
      }
    },
  })

/** Bytes again where they were bytes: floats would take four times the memory of every cache. */
function asBefore(normalised: Sample, before: Sample): Sample {
  const { image } = normalised
  if (!(before.image instanceof Uint8Array) || image instanceof Uint8Array) return normalised
  const bytes = new Uint8Array(image.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.round(image[at]! * 255)
  return { ...normalised, image: bytes }
}
