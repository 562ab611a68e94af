import { defineMethod, derive, presetOption, type Tensor3D, type Tensor4D, z } from '@limbeck/core'
import { adaptiveFactor, localPod, thresholdPseudoLabels } from '@limbeck/losses'
import { confidenceThresholds } from './confidence-thresholds.ts'
import { featureTaps, tapPair } from './feature-taps.ts'
import { featureTerms } from './feature-terms.ts'
import { growFromBackground } from './grow-from-background.ts'
import { stripScales } from './strip-scales.ts'
import { supervise, supervisionOptions } from './supervision.ts'

/**
 * PLOP (Douillard et al., 2021): the teacher's labels where it is sure stand in for the background, and strips of
 * every feature map, at several scales, stay as they were.
 *
 * The official code adds numbers of bins where it means counts, so that its thresholds are not medians, and lets the
 * bins reach far beyond the largest entropy; where `confidence` is `probability`, it does not weigh images.
 * `preset: 'official'` keeps all of this, `'corrected'` none. In both, the cross-entropy is a mean over all pixels,
 * times the share of each image's background that the teacher is sure of. `official` deviates from the code in one
 * thing: an image without background has the share 1, where the code has 0 and learns nothing from the image.
 */
export const plop = defineMethod({
  name: 'plop',
  summary: 'Multi-scale strips of the features are kept, and sure predictions label the background.',
  paper: 'https://arxiv.org/abs/2011.11390',
  options: {
    preset: presetOption(['corrected', 'official']),
    ...supervisionOptions,
    reduction: supervisionOptions.reduction.default('all'),
    podFactor: z.number().nonnegative().default(0.01).describe('weight of local POD on features'),
    podLogitsFactor: z.number().nonnegative().default(0.0005).describe('weight of local POD on logits'),
    scales: stripScales,
    confidence: z
      .enum(['entropy', 'probability'])
      .default('entropy')
      .describe('what tells how sure the teacher is; a pixel is, when it is surer than half of its class'),
    threshold: z
      .number()
      .nonnegative()
      .default(0.001)
      .describe("where confidence is entropy: what lies below always counts as sure, in PLOP's units"),
    sureProbability: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe('where confidence is probability: what lies above always counts as sure'),
    medians: z
      .enum(['exact', 'official'])
      .default('exact')
      .describe("of the confidence of each class: as they are, or as PLOP's code finds them"),
    weighImages: z
      .enum(['always', 'byEntropy'])
      .default('always')
      .describe('by the sure share of their background: always, or where confidence is entropy'),
  },
  presets: { official: { medians: 'official', weighImages: 'byEntropy' } },
  initialise: growFromBackground,
  async prepare({ task, options, teacher, batches }): Promise<number[] | null> {
    if (task.oldClasses === 0 || !teacher) return null
    const classes = { old: task.oldClasses, all: task.classes.length }
    const { medians, confidence: measure, threshold, sureProbability } = options
    const bound = measure === 'entropy' ? threshold : sureProbability
    return confidenceThresholds({ teacher, batches: batches(), classes, measure, bound, medians })
  },
  recipe({ task, options, prepared: thresholds, student }) {
    if (!thresholds) return { terms: supervise(task, options) }
    const { podFactor, podLogitsFactor, scales, confidence: measure, weighImages } = options
    const { oldClasses } = task
    const given = { teacher: 'teacher.logits', labels: 'batch.labels' } as const
    const found = { labels: 'batch.labels', pseudoLabels: 'derived.pseudoLabels' } as const
    const adaptive = measure === 'entropy' || weighImages === 'always'
    const pod = featureTerms({
      name: 'pod',
      loss: localPod({ scales, whenTooSmall: 'skip' }),
      taps: [...featureTaps(student), tapPair('logits')],
      factor: podFactor,
      lastFactor: podLogitsFactor,
      task,
    })
    return {
      derived: [
        derive('pseudoLabels', given, ({ teacher, labels }) =>
          thresholdPseudoLabels(
            { teacher: teacher as Tensor4D, labels: labels as Tensor3D },
            { measure, thresholds },
          ),
        ),
        derive('sureShare', found, ({ labels, pseudoLabels }) =>
          adaptiveFactor(
            { labels: labels as Tensor3D, pseudoLabels: pseudoLabels as Tensor3D },
            { oldClasses },
          ),
        ),
      ],
      terms: [
        ...supervise(task, options, {
          labels: 'derived.pseudoLabels',
          ...(adaptive && { pixelWeights: 'derived.sureShare' }),
        }),
        ...pod,
      ],
    }
  },
})
