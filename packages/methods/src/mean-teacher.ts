import { defineMethod, type Random, type Tensor4D, term, tf, updateAverage, z } from '@limbeck/core'
import { emaDecay, probabilityMse, sigmoidRampUp } from '@limbeck/losses'
import { supervise, supervisionOptions } from './supervision.ts'

/** Noise never moves a pixel by more than this many standard deviations (SSL4MIS). */
const NOISE_LIMIT = 2

/**
 * Mean teacher (Tarvainen & Valpola, 2017): the student agrees, on all images, with the moving average of its own
 * weights, which sees them under other noise.
 *
 * Defaults are SSL4MIS's: a decay that grows to 0.99 (`emaDecay`), noise of 0.1 standard
 * deviations, weight 0.1 that ramps up over the whole training. As in the paper and unlike SSL4MIS, labelled images
 * take part in the agreement.
 */
export const meanTeacher = defineMethod({
  name: 'mean-teacher',
  summary: 'Agreement with the moving average of the student on images without labels.',
  paper: 'https://arxiv.org/abs/1703.01780',
  options: {
    ...supervisionOptions,
    consistencyWeight: z.number().nonnegative().default(0.1).describe('weight of the agreement'),
    rampUp: z.number().min(0).max(1).default(1).describe('share of the task over which that weight grows'),
    decay: z.number().min(0).lt(1).default(0.99).describe('of the moving average'),
    noise: z.number().nonnegative().default(0.1).describe("on the average's input, in standard deviations"),
  },
  recipe({ task, options, student, build, random }) {
    const { consistencyWeight, noise } = options
    const model = build(random)
    updateAverage(model, student, 0)
    const perturb = (images: Tensor4D, from: Random) =>
      tf.add<Tensor4D>(images, noiseLike(images, noise, from))
    const weight = sigmoidRampUp(consistencyWeight, { length: options.rampUp, unit: 'fraction' })
    const agreement = { student: 'student.logits', teacher: 'ema.logits' } as const
    return {
      models: { ema: { model, trains: false, ...(noise > 0 && { perturb }) } },
      terms: [...supervise(task, options), term('consistency', probabilityMse(), agreement, weight)],
    }
  },
  afterStep({ options, student, models, progress }) {
    updateAverage(models.ema!.model, student, emaDecay(progress.step, { most: options.decay }))
  },
})

function noiseLike({ shape, size }: Tensor4D, deviation: number, random: Random): Tensor4D {
  const draw = () => Math.min(Math.max(random.normal(), -NOISE_LIMIT), NOISE_LIMIT) * deviation
  return tf.tensor4d(Float32Array.from({ length: size }, draw), shape)
}
