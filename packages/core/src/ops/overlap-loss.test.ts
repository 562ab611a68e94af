import { registerRef } from '@limbeck/backend-ref'
import {
  overlapLoss,
  type RegionSums,
  type Scalar,
  type Tensor2D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

/** Two regions with overlap, and one of a class that is absent but predicted. */
const sums = (): RegionSums => ({
  intersection: tf.tensor2d([[3, 1, 0]]),
  predicted: tf.tensor2d([[4, 3, 2]]),
  actual: tf.tensor2d([[5, 1, 0]]),
})
const value = (x: Scalar): number => x.dataSync()[0]!

// 1 − 2I / (P + A) of each region
const dices = [1 - 6 / 9, 1 - 2 / 4, 1]

describe('overlapLoss', () => {
  it('is the mean of one minus Dice by default', () => {
    expect(value(overlapLoss(sums()))).toBeCloseTo((dices[0]! + dices[1]! + dices[2]!) / 3, 12)
  })

  it('counts a class without pixels, leaves it out of the mean, or counts it as 0', () => {
    expect(value(overlapLoss(sums(), { absent: 'skip' }))).toBeCloseTo((dices[0]! + dices[1]!) / 2, 12)
    expect(value(overlapLoss(sums(), { absent: 'zero' }))).toBeCloseTo((dices[0]! + dices[1]!) / 3, 12)
  })

  it('leaves class 0 out when the background is no region', () => {
    const foreground = overlapLoss(sums(), { includeBackground: false, absent: 'skip' })
    expect(value(foreground)).toBeCloseTo(dices[1]!, 12)
  })

  it('weighs false positives by alpha and false negatives by beta', () => {
    const one = {
      intersection: tf.tensor2d([[2]]),
      predicted: tf.tensor2d([[3]]),
      actual: tf.tensor2d([[6]]),
    }
    expect(value(overlapLoss(one, { alpha: 1, beta: 0 }))).toBeCloseTo(1 / 3, 12)
    expect(value(overlapLoss(one, { alpha: 0, beta: 1 }))).toBeCloseTo(4 / 6, 12)
    expect(value(overlapLoss(one, { alpha: 0, beta: 1, gamma: 2 }))).toBeCloseTo((4 / 6) ** 2, 12)
  })

  it('is 0 with finite gradient for a perfect prediction, whatever the exponent', () => {
    const counts = tf.tensor2d([[3, 7, 1000]])
    for (const gamma of [0.75, 1, 4 / 3]) {
      const perfect = (predicted: Tensor2D) =>
        overlapLoss(
          { intersection: counts, predicted, actual: counts },
          { alpha: 0.3, beta: 0.7, smooth: 1e-5, gamma },
        )
      const { value: found, gradients } = valueAndGradients(
        () => ({ loss: perfect(counts.clone()) }),
        [counts],
      )
      expect(found.loss.dataSync()[0]).toBe(0)
      expect(Array.from(gradients[0]!.dataSync()).every(Number.isFinite)).toBe(true)
    }
  })

  it('is 0 when every region is absent and absent ones are left out', () => {
    const none = { ...sums(), actual: tf.zeros([1, 3]) as Tensor2D }
    expect(value(overlapLoss(none, { absent: 'skip', smooth: 1 }))).toBe(0)
  })

  it('refuses sums that do not belong together, and a background without any other class', () => {
    const { intersection, predicted } = sums()
    const actual = tf.zeros([1, 2]) as Tensor2D
    expect(() => overlapLoss({ intersection, predicted, actual })).toThrow(/three sums per region/)
    const one = { intersection: tf.ones([1, 1]), predicted: tf.ones([1, 1]), actual: tf.ones([1, 1]) }
    expect(() => overlapLoss(one as unknown as RegionSums, { includeBackground: false })).toThrow(
      /two classes/,
    )
  })
})
