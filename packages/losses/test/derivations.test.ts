import { registerRef } from '@limbeck/backend-ref'
import { type Tensor3D, type Tensor4D, tf } from '@limbeck/core'
import {
  adaptiveFactor,
  confidenceHistogram,
  confidentMask,
  foldNewClasses,
  fromPlopUnits,
  organMasks,
  predictionEntropy,
  rareClassWeights,
  shrinkMask,
  thresholdPseudoLabels,
} from '@limbeck/losses'
import { describe, expect, it } from 'vitest'

registerRef()
await tf.setBackend('ref')

const scores = (...pixels: readonly (readonly number[])[]): Tensor4D =>
  tf.tensor4d(pixels.flat(), [1, 1, pixels.length, pixels[0]!.length])
const labels = (...ids: readonly number[]): Tensor3D => tf.tensor3d([...ids], [1, 1, ids.length], 'int32')
const list = (x: tf.Tensor): number[] => Array.from(x.dataSync())

const sure0 = [20, 0, 0]
const sure2 = [0, 0, 20]
const unsure = [0, 0, 0]

describe('predictionEntropy', () => {
  it('runs from 0 for a certain prediction to 1 for a uniform one', () => {
    const [certain, uniform] = list(predictionEntropy(scores(sure0, unsure)))
    expect(certain).toBeCloseTo(0, 6)
    expect(uniform).toBeCloseTo(1, 6)
  })

  it("converts PLOP's floor of 0.001 to 0.045 for VOC 16 → 17 channels", () => {
    expect(fromPlopUnits(0.001, { old: 16, all: 17 })).toBeCloseTo(0.045, 3)
  })
})

describe('confidenceHistogram', () => {
  it('counts background pixels by predicted class and entropy', () => {
    const counts = confidenceHistogram(
      { teacher: scores(sure0, sure2, unsure, sure2), labels: labels(0, 0, 0, 3) },
      { bins: 2 },
    )
    expect(counts.arraySync()).toEqual([
      [1, 1],
      [0, 0],
      [1, 0],
    ])
  })
})

describe('thresholdPseudoLabels', () => {
  it('labels sure background pixels, ignores unsure ones, and keeps new classes and ignored pixels', () => {
    const pseudo = thresholdPseudoLabels(
      { teacher: scores(sure2, unsure, sure2, sure2), labels: labels(0, 0, 3, 255) },
      { thresholds: [0.1, 0.1, 0.1] },
    )
    expect(pseudo.dtype).toBe('int32')
    expect(list(pseudo)).toEqual([2, 255, 3, 255])
  })
})

describe('the largest probability as the measure', () => {
  it('is counted by predicted class', () => {
    const counts = confidenceHistogram(
      { teacher: scores(sure0, sure2, unsure), labels: labels(0, 0, 0) },
      { measure: 'probability', bins: 2 },
    )
    expect(counts.arraySync()).toEqual([
      [1, 1],
      [0, 0],
      [0, 1],
    ])
  })

  it('is sure from the threshold of the class predicted on', () => {
    const half = [0, 0, -1000] // probability ½ of the first class
    const teacher = scores(half, half, sure2, unsure)
    const pseudo = (threshold: number) =>
      list(
        thresholdPseudoLabels(
          { teacher, labels: labels(0, 3, 0, 0) },
          { measure: 'probability', thresholds: [threshold, 0.9, 0.9] },
        ),
      )
    expect(pseudo(0.5)).toEqual([0, 3, 2, 255])
    expect(pseudo(0.75)).toEqual([255, 3, 2, 255])
  })
})

describe('adaptiveFactor', () => {
  const options = { oldClasses: 3 }

  it('is the share of old pixels that got a pseudo-label, on every pixel of the image', () => {
    const factor = adaptiveFactor(
      { labels: labels(0, 0, 0, 3), pseudoLabels: labels(2, 255, 255, 3) },
      options,
    )
    for (const value of list(factor)) expect(value).toBeCloseTo(1 / 3, 6)
  })

  it('is 1 for an image without old pixels, and at least the minimum', () => {
    expect(list(adaptiveFactor({ labels: labels(3, 255), pseudoLabels: labels(3, 255) }, options))).toEqual([
      1, 1,
    ])
    const none = { labels: labels(0, 0), pseudoLabels: labels(255, 255) }
    expect(list(adaptiveFactor(none, { ...options, minimum: 0.25 }))).toEqual([0.25, 0.25])
  })
})

describe('foldNewClasses', () => {
  const z = scores([1, 2, 3, 4])

  it('adds raw scores, joins probabilities, or drops', () => {
    expect(list(foldNewClasses(z, 2, 'sum'))).toEqual([8, 2])
    expect(list(foldNewClasses(z, 2, 'trim'))).toEqual([1, 2])
    const folded = tf.softmax(foldNewClasses(z, 2, 'probability'))
    expect(list(folded)[1]).toBeCloseTo(list(tf.softmax(z))[1]!, 6)
  })

  it('leaves scores without new classes alone', () => {
    expect(foldNewClasses(z, 4, 'sum')).toBe(z)
  })
})

describe('masks', () => {
  it('confidentMask keeps pixels whose largest probability reaches the threshold', () => {
    expect(list(confidentMask(scores(sure0, unsure), { threshold: 0.95 }))).toEqual([1, 0])
  })

  it('organMasks are where the organ outweighs background, and shrink by maximum', () => {
    const teacher = scores([0, 1], [1, 0], [1, 0], [1, 0])
    const [mask] = organMasks([teacher])
    expect(list(mask!)).toEqual([1, 0, 0, 0])
    expect(list(shrinkMask(mask as Tensor3D, [1, 2]))).toEqual([1, 0])
  })

  it('rareClassWeights make every predicted class count the same, with mean 1', () => {
    const weights = list(rareClassWeights(scores(sure0, sure0, sure0, sure2)))
    for (const [i, weight] of [2 / 3, 2 / 3, 2 / 3, 2].entries()) expect(weights[i]).toBeCloseTo(weight, 6)
  })
})
