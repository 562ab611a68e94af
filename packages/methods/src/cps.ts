import { defineMethod, derive, type TensorRef, term, tf, z } from '@limbeck/core'
import { crossEntropy, sigmoidRampUp } from '@limbeck/losses'
import { supervise, supervisionOptions } from './supervision.ts'

/**
 * CPS, cross pseudo supervision (Chen et al., 2021): two networks of one kind that start apart; each learns from the
 * labels where there are any, and everywhere from the classes that the other one chooses. The student is the first.
 *
 * Weight 0.1 that ramps up over the whole training is SSL4MIS's setting for medical images; the paper has a constant
 * 1.5 on VOC (`crossWeight: 1.5, rampUp: 0`). As in the paper, labelled images take part in the cross supervision.
 */
export const cps = defineMethod({
  name: 'cps',
  summary: 'Two networks teach each other with their own predictions on images without labels.',
  paper: 'https://arxiv.org/abs/2106.01226',
  options: {
    ...supervisionOptions,
    crossWeight: z.number().nonnegative().default(0.1).describe('weight of the cross supervision'),
    rampUp: z.number().min(0).max(1).default(1).describe('share of the task over which that weight grows'),
  },
  recipe({ task, options, build, random }) {
    const twin = { logits: 'peers.twin.logits', labels: 'batch.labels' } as const
    const weight = sigmoidRampUp(options.crossWeight, { length: options.rampUp, unit: 'fraction' })
    const learns = (name: string, logits: TensorRef, labels: TensorRef) =>
      term(name, crossEntropy(), { logits, labels }, weight)
    return {
      models: { 'peers.twin': { model: build(random), trains: true } },
      derived: [chosenBy('student'), chosenBy('peers.twin')],
      terms: [
        ...supervise(task, options),
        ...supervise(task, options, twin).map((one) => ({ ...one, name: `${one.name} twin` })),
        learns('cross', 'student.logits', 'derived.chosenBy.peers.twin'),
        learns('cross twin', 'peers.twin.logits', 'derived.chosenBy.student'),
      ],
    }
  },
})

/** The classes that a network finds most likely, as labels. */
const chosenBy = (model: 'student' | 'peers.twin') =>
  derive(`chosenBy.${model}`, { logits: `${model}.logits` }, ({ logits }) => tf.argMax(logits, 3))
