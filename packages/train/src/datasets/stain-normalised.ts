import { ConfigError, defineDataset, type Registry, z } from '@limbeck/core'
import { mapSamples, normaliseStains } from '@limbeck/data'
import { openChoice, setChoice } from './set-choice.ts'

/**
 * Another data set whose H&E images are all stained alike: what scanners and laboratories add is taken out before a
 * network sees it. Training and validation images go through it, and a model of them keeps that every image that it is
 * shown has to.
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
      const { method } = options
      if (dataset.stains) {
        throw new ConfigError('data/stains', 'stain-normalised.of: its stains are normalised already', {
          received: dataset.stains,
        })
      }
      return {
        ...dataset,
        stains: method,
        splits: new Map(
          [...dataset.splits].map(([name, split]) => [
            name,
            mapSamples(split, (sample) => normaliseStains(sample, method)),
          ]),
        ),
      }
    },
  })
