import { registerRef } from '@limbeck/backend-ref'
import {
  Random,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import {
  bootstrappedCrossEntropy,
  crossDecoderKd,
  crossEntropy,
  dice,
  ecStrip,
  focal,
  focalKd,
  hintonKd,
  localPod,
  meanPredictionEntropy,
  predictionEntropy,
  regionLogitKd,
  tversky,
  unbiasedKd,
} from '@limbeck/losses'
import { describe, expect, it } from 'vitest'

registerRef()
await tf.setBackend('ref64')

const random = new Random(11)
const map = (...shape: [number, number, number, number]): Tensor4D =>
  tf.tensor4d(
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random.normal()),
    shape,
  )
const labels = (classes: number, ...shape: [number, number, number]): Tensor3D =>
  tf.tensor3d(
    Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
      i % 7 === 0 ? 255 : random.integer(classes),
    ),
    shape,
    'int32',
  )
const number = (x: Tensor): number => x.dataSync()[0]!
const gradient = (loss: () => Tensor, x: Tensor): number[] => {
  const { gradients } = valueAndGradients(() => ({ loss: loss() as Scalar }), [x])
  return Array.from(gradients[0]?.dataSync() ?? [])
}
const expectClose = (actual: readonly number[], expected: readonly number[], digits = 10) => {
  expect(actual.length).toBe(expected.length)
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, digits)
}

describe('unbiased distillation (MiB)', () => {
  // methods.md, D 1: a student whose new classes were grown out of background at equal shares
  const teacher = map(2, 3, 4, 3)
  const grow = (added: number): Tensor4D => {
    const [background, old] = tf.split(teacher, [1, 2], 3) as [Tensor4D, Tensor4D]
    const share = tf.sub(background, tf.log(tf.scalar(added + 1))) as Tensor4D
    return tf.concat([share, old, ...Array.from({ length: added }, () => share)], 3)
  }

  it('begins at the entropy of the teacher over its classes', () => {
    const entropy = number(tf.mean(predictionEntropy(teacher))) * Math.log(3)
    expect(number(unbiasedKd()({ student: grow(2), teacher }))).toBeCloseTo(entropy / 3, 7)
  })

  it('begins with no gradient on the folded distribution', () => {
    const student = grow(2)
    for (const entry of gradient(() => unbiasedKd()({ student, teacher }), student))
      expect(entry).toBeCloseTo(0, 7)
  })

  it('is focal distillation with γ = 0 over the old classes', () => {
    const student = map(2, 3, 4, 5)
    const unbiased = number(unbiasedKd()({ student, teacher }))
    expect(number(focalKd({ gamma: 0 })({ student, teacher }))).toBeCloseTo(3 * unbiased, 10)
    // with the same divisor bit for bit, whatever the base
    for (const base of ['abs', 'relu', 'raw'] as const) {
      expect(number(focalKd({ gamma: 0, base, classMean: true })({ student, teacher }))).toBe(unbiased)
    }
  })
})

describe('entropy', () => {
  it('of one network is that of the pseudo-labels, up to the constant in the logarithm', () => {
    const logits = map(2, 3, 4, 5)
    const mean = number(meanPredictionEntropy()({ decoders: [logits] }))
    expect(number(tf.mean(predictionEntropy(logits)))).toBeCloseTo(mean, 4)
  })
})

describe('overlap losses', () => {
  const logits = map(2, 4, 5, 3)
  const truth = labels(3, 2, 4, 5)
  const dices = number(dice()({ logits, labels: truth }))

  it('Tversky with α = β = ½ is Dice', () => {
    // the same quotient but for the smoothing, which Dice halves
    const smooth = { smooth: 1e-12 }
    const halves = number(tversky({ alpha: 0.5, beta: 0.5, ...smooth })({ logits, labels: truth }))
    expect(halves).toBeCloseTo(number(dice(smooth)({ logits, labels: truth })), 10)
  })

  it('Tversky with α = β = 1 is the Jaccard index, J = D / (2 − D) class by class', () => {
    const foreground = { includeBackground: false, smooth: 1e-12 } as const
    const binary = { logits: map(1, 4, 5, 1), labels: labels(2, 1, 4, 5) }
    const d = 1 - number(dice(foreground)(binary))
    const j = 1 - number(tversky({ alpha: 1, beta: 1, ...foreground })(binary))
    expect(j).toBeCloseTo(d / (2 - d), 10)
  })

  it('Dice lies between 0 and 1', () => {
    expect(dices).toBeGreaterThan(0)
    expect(dices).toBeLessThan(1)
  })
})

describe('pixel losses', () => {
  const logits = map(2, 4, 5, 3)
  const truth = labels(3, 2, 4, 5)
  const inputs = { logits, labels: truth }

  it('focal with γ = 0 is weighted cross-entropy', () => {
    const options = { classWeights: [1, 2, 4], reduction: 'sum' as const }
    const plain = crossEntropy(options)
    const focused = focal({ gamma: 0, ...options })
    expect(number(focused(inputs))).toBe(number(plain(inputs)))
    expect(gradient(() => focused(inputs), logits)).toEqual(gradient(() => plain(inputs), logits))
  })

  it('bootstrapping over all pixels is cross-entropy over the valid ones', () => {
    const all = bootstrappedCrossEntropy({ hardPixels: 20 })
    expect(number(all(inputs))).toBeCloseTo(number(crossEntropy()(inputs)), 12)
    expectClose(
      gradient(() => all(inputs), logits),
      gradient(() => crossEntropy()(inputs), logits),
    )
  })

  it('class weights enter bootstrapping as a weighted mean, and do not change which pixels are taken', () => {
    const classWeights = [1, 2, 4]
    const all = bootstrappedCrossEntropy({ hardPixels: 20, classWeights })
    expect(number(all(inputs))).toBeCloseTo(number(crossEntropy({ classWeights })(inputs)), 12)

    const plain = Array.from(crossEntropy({ reduction: 'none' })(inputs).dataSync())
    const y = Array.from(truth.dataSync())
    const images = [[...plain.keys()].slice(0, 20), [...plain.keys()].slice(20)]
    const taken = images.flatMap((pixels) => pixels.toSorted((a, b) => plain[b]! - plain[a]!).slice(0, 5))
    const total = (f: (pixel: number) => number) => taken.reduce((sum, pixel) => sum + f(pixel), 0)
    const expected = total((i) => classWeights[y[i]!]! * plain[i]!) / total((i) => classWeights[y[i]!]!)
    const hardest = bootstrappedCrossEntropy({ hardPixels: 5, classWeights })
    expect(number(hardest(inputs))).toBeCloseTo(expected, 12)
  })

  it('bootstrapping takes no ignored pixel before a valid one without loss', () => {
    const certain = tf.tensor4d([9000, 0, 9000, 0, 0, 1], [1, 1, 3, 2])
    const loss = bootstrappedCrossEntropy({ hardPixels: 2 })
    // 255 comes first, then a pixel of loss 0, then one of log(1 + e): the mean runs over the two valid ones
    const found = loss({ logits: certain, labels: tf.tensor3d([255, 0, 0], [1, 1, 3], 'int32') })
    expect(number(found)).toBeCloseTo(Math.log1p(Math.E) / 2, 12)
  })

  it('ranking pixels by the distance of Wu et al. is ranking them by cross-entropy', () => {
    const losses = Array.from(crossEntropy({ reduction: 'none' })(inputs).dataSync())
    const target = tf.oneHot(truth, 3, 1, 0, 'float32')
    const distances = Array.from(tf.mean(tf.abs(tf.sub(tf.softmax(logits), target)), 3).dataSync())
    const valid = [...truth.dataSync().keys()].filter((i) => truth.dataSync()[i] !== 255)
    const order = (by: number[]) => valid.toSorted((a, b) => by[b]! - by[a]!)
    expect(order(losses)).toEqual(order(distances))
  })

  it('a one-channel map is a binary network: BCE with logits', () => {
    const scores = map(1, 2, 3, 1)
    const binary = labels(2, 1, 2, 3)
    const z = Array.from(scores.dataSync())
    const y = Array.from(binary.dataSync())
    const bce = z.map((score, i) => (y[i] === 255 ? 0 : Math.log1p(Math.exp(score)) - y[i]! * score))
    const expected = bce.reduce((a, b) => a + b) / y.filter((label) => label !== 255).length
    expect(number(crossEntropy()({ logits: scores, labels: binary }))).toBeCloseTo(expected, 12)
  })
})

describe('feature distillation', () => {
  it('local POD and EC-Strip of equal maps are 0 with gradient 0', () => {
    const x = map(2, 8, 8, 3)
    for (const loss of [localPod(), ecStrip()]) {
      expect(number(loss({ student: x, teacher: x.clone() }))).toBe(0)
      expect(gradient(() => loss({ student: x, teacher: x.clone() }), x).every((entry) => entry === 0)).toBe(
        true,
      )
    }
  })

  it('EC-Strip of odd maps is EC-Strip of the maps with the last row and column repeated', () => {
    const repeat = (x: Tensor4D): Tensor4D => {
      const wide = tf.concat([x, tf.slice(x, [0, 0, 6, 0], [2, 5, 1, 3])], 2)
      return tf.concat([wide, tf.slice(wide, [0, 4, 0, 0], [2, 1, 8, 3])], 1) as Tensor4D
    }
    const [student, teacher] = [map(2, 5, 7, 3), map(2, 5, 7, 3)]
    const loss = ecStrip({ scales: [1, 2] })
    const padded = number(loss({ student: repeat(student), teacher: repeat(teacher) }))
    expect(number(loss({ student, teacher }))).toBeCloseTo(padded, 12)
  })
})

describe('cross-decoder distillation (CDMA)', () => {
  const decoders = [map(1, 2, 3, 4), map(1, 2, 3, 4), map(1, 2, 3, 4)]
  const loss = crossDecoderKd()

  it('does not change when a constant is added to all scores of a pixel', () => {
    const shifted = [tf.add(decoders[0]!, map(1, 2, 3, 1)) as Tensor4D, ...decoders.slice(1)]
    expect(number(loss({ decoders: shifted }))).toBeCloseTo(number(loss({ decoders })), 10)
  })

  it('differentiates each decoder as a student of the others, who are constants', () => {
    const teachers = decoders.map((decoder) => decoder.clone())
    const kd = hintonKd({ temperature: 10 })
    const parts = () =>
      decoders.flatMap((student, k) =>
        teachers.filter((_, j) => j !== k).map((teacher) => kd({ student, teacher })),
      )
    const expected = () => tf.div(tf.addN(parts()), 3)
    expect(number(loss({ decoders }))).toBeCloseTo(number(expected()), 10)
    for (const x of decoders)
      expectClose(
        gradient(() => loss({ decoders }), x),
        gradient(expected, x),
      )
  })
})

describe('several teachers (MS-KD)', () => {
  const student = map(1, 3, 4, 3)
  const nowhere = tf.tensor4d(Array.from({ length: 12 }, () => [5, -5]).flat(), [1, 3, 4, 2])
  const everywhere = tf.tensor4d(Array.from({ length: 12 }, () => [-5, 5]).flat(), [1, 3, 4, 2])
  const organs = (conflict: 'both' | 'argmaxConfidence' | 'skip', teachers: Tensor4D[]) =>
    number(regionLogitKd({ region: 'organs', conflict })({ student, teachers }))

  it('has no organ term where the teacher sees none', () => {
    expect(organs('both', [nowhere, nowhere])).toBe(0)
  })

  it('lifts targets that sum to 1: the background loss is 0 for a student that says the same', () => {
    const same = tf.tensor4d(
      Array.from({ length: 12 }, () => [5, -5 - Math.log(2), -5 - Math.log(2)]).flat(),
      [1, 3, 4, 3],
    )
    // mean over two teachers of (p₀, p₁): (p₀, p₁ / 2, p₁ / 2)
    const loss = regionLogitKd({ region: 'background' })
    expect(number(loss({ student: same, teachers: [nowhere, nowhere] }))).toBeCloseTo(0, 6)
  })

  it('settles pixels that two teachers claim as asked', () => {
    const [sure, unsure] = [everywhere, tf.div(everywhere, 2) as Tensor4D]
    expect(organs('skip', [sure, unsure])).toBe(0)
    expect(organs('argmaxConfidence', [sure, unsure])).toBeCloseTo(organs('both', [sure, nowhere]), 10)
    expect(organs('both', [sure, unsure])).toBeGreaterThan(organs('argmaxConfidence', [sure, unsure]))
  })
})
