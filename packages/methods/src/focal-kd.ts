import { defineMethod, derive, presetOption, type Tensor4D, term, z } from '@limbeck/core'
import { adaptiveReweighting, ecStrip, ecStripLiteral, focalKd, rareClassWeights } from '@limbeck/losses'
import { compensation, compensationOptions, frozenBranches } from './compensation.ts'
import { featureTaps, tapPair } from './feature-taps.ts'
import { featureTerms } from './feature-terms.ts'
import { stripScales } from './strip-scales.ts'
import { superviseUnbiased, supervisionOptions } from './supervision.ts'

/**
 * Class-incremental nuclei segmentation with focal distillation: representation compensation whose merged branch goes
 * on learning, distillation that dwells on what the student forgets, weighted by how few classes a task adds, and
 * eight-connected strips of the features in place of RCIL's cubes.
 *
 * Much of the report's arithmetic is lost; `preset: 'seed'` is what was chosen for it, see `focal-kd` and `ec-strip`
 * among the losses. `'literal'` takes the equations of the strips as printed, at one scale and squared. `'rcil'` is
 * representation compensation as RCIL corrects it: the merged branch stands still, branches mix at random.
 * `reweighting: 'perClass'` weighs pixels by how rare the class is that the teacher sees there.
 */
export const focalKdMethod = defineMethod({
  name: 'focal-kd',
  summary: 'Focal distillation, adaptive reweighting and eight-connected strips over two branches.',
  options: {
    preset: presetOption(['seed', 'literal', 'rcil']),
    ...supervisionOptions,
    ...compensationOptions({ freezeMerged: false, newBranch: 'copy', branchMixing: false }),
    kdWeight: z.number().nonnegative().default(100),
    gamma: z.number().nonnegative().default(2).describe('how strongly what is forgotten counts'),
    reweighting: z
      .enum(['sqrtRatio', 'ratio', 'perClass', 'none'])
      .default('sqrtRatio')
      .describe('of the distillation, by all and new classes, or by pixel'),
    strip: z.enum(['composed', 'literal']).default('composed').describe('which form of the strips'),
    scales: stripScales,
    factor: z.number().nonnegative().default(0.01).describe('weight of the strips'),
    lastFactor: z.number().nonnegative().default(0.0005).describe('that of the strips of the logits'),
  },
  presets: { literal: { strip: 'literal' }, rcil: { freezeMerged: true, branchMixing: true } },
  ...compensation,
  recipe({ task, options, student }) {
    const supervised = superviseUnbiased(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const { kdWeight, gamma, reweighting, strip, scales, factor, lastFactor } = options
    const perClass = reweighting === 'perClass'
    const logits = tapPair('logits')
    const hold = adaptiveReweighting(
      { all: task.classes.length, added: task.newClasses },
      perClass ? 'none' : reweighting,
    )
    const reads = perClass ? { ...logits.reads, pixelWeights: 'derived.rarity' as const } : logits.reads
    return {
      groups: frozenBranches({ options, student }),
      derived: [
        derive('rarity', { teacher: 'teacher.logits' }, ({ teacher }) =>
          rareClassWeights(teacher as Tensor4D),
        ),
      ],
      terms: [
        ...supervised,
        term('kd', focalKd({ gamma, classMean: true }), reads, kdWeight * hold),
        ...featureTerms({
          name: 'strip',
          loss: strip === 'literal' ? ecStripLiteral() : ecStrip({ scales, whenTooSmall: 'skip' }),
          taps: [...featureTaps(student), logits],
          factor,
          lastFactor,
          task,
        }),
      ],
    }
  },
})
