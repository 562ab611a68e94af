/** Laws of the losses, each for inputs of drawn sizes and values. */
import { registerRef } from '@limbeck/backend-ref'
import {
  type Loss,
  Random,
  type Scalar,
  type Tensor,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import {
  crossEntropy,
  ecStrip,
  focalKd,
  hintonKd,
  localPod,
  narrowedKd,
  unbiasedCrossEntropy,
  unbiasedKd,
} from '@limbeck/losses'
import { fcParameters, fillLabels, fillValues, mapShape, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { asInputs, type Drawn, drawInputs, toTensor } from './draw-inputs.ts'
import { lossCases } from './loss-cases.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const number = (x: Tensor): number => x.dataSync()[0]!

/** The loss of drawn inputs, of which some may be replaced. */
function evaluate(
  loss: Loss,
  drawn: ReadonlyMap<string, Drawn>,
  change: (x: Tensor, one: Drawn) => Tensor = (x) => x,
): number {
  return tf.tidy(() => {
    const tensors = [...drawn].map(([name, one]) => [name, change(toTensor(one), one)] as const)
    return number(loss(asInputs(new Map(tensors)) as never))
  })
}

const expectSame = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(expected)))

/** Losses of a one-channel network, or of each class by itself: no softmax, so that a constant is no matter of taste. */
const independent = ['sigmoid-kd', 'icarl', 'one-vs-rest-cross-entropy']

describe.each(lossCases.map((one) => [one.name, one] as const))('%s', (name, { loss, sizes }) => {
  it('does not depend on the order of the batch', () => {
    const property = fc.property(fc.integer({ min: 2, max: 4 }), seed(), (batch, dataSeed) => {
      const drawn = drawInputs(loss, { ...sizes, batch }, { seed: dataSeed })
      const order = new Random(dataSeed).permutation(batch)
      const permuted = evaluate(loss, drawn, (x) => tf.gather(x, tf.tensor1d(order, 'int32')))
      expectSame(permuted, evaluate(loss, drawn))
    })
    fc.assert(property, fcParameters({ runs: 5 }))
  })

  const isSoftmax = !independent.includes(loss.spec.name) && !name.includes('binary')
  const hasLogits = Object.values(loss.spec.inputs as Record<string, Drawn['kind']>).some(
    ({ kind, element }) => kind === 'logits' || element?.kind === 'logits',
  )
  if (!isSoftmax || !hasLogits) return
  it('does not change when a constant is added to all scores of a pixel', () => {
    const property = fc.property(seed(), (dataSeed) => {
      const drawn = drawInputs(loss, sizes, { seed: dataSeed })
      const random = new Random(dataSeed)
      const shifted = evaluate(loss, drawn, (x, { kind, shape }) => {
        if (kind.kind !== 'logits') return x
        const pixels = [...shape.slice(0, 3), 1]
        return tf.add(x, tf.mul(tf.tensor(fillValues('normal', pixels, random), pixels), 20))
      })
      expectSame(shifted, evaluate(loss, drawn))
    })
    fc.assert(property, fcParameters({ runs: 5 }))
  })
})

const scores = fc.record({ shape: mapShape({ maxSide: 3, maxChannels: 4 }), dataSeed: seed() })

interface Scores {
  readonly student: Tensor4D
  readonly teacher: Tensor4D
  readonly labels: tf.Tensor3D
}

function law(name: string, state: (inputs: Scores) => void): void {
  it(name, () => {
    const property = fc.property(scores, ({ shape, dataSeed }) => {
      const random = new Random(dataSeed)
      const [n, h, w] = shape
      const pixels: [number, number, number] = [n, h, w]
      const labels = fillLabels('some-ignored', pixels, random, { classes: shape[3] })
      tf.tidy(() =>
        state({
          student: tf.tensor(fillValues('normal', shape, random), [...shape]) as Tensor4D,
          teacher: tf.tensor(fillValues('normal', shape, random), [...shape]) as Tensor4D,
          labels: tf.tensor(labels, pixels, 'int32'),
        }),
      )
    })
    fc.assert(property, fcParameters({ runs: 20 }))
  })
}

describe('without new classes', () => {
  law('unbiased cross-entropy is cross-entropy', ({ student: logits, labels }) => {
    // one channel is a binary network to plain cross-entropy
    fc.pre(logits.shape[3] > 1)
    const plain = number(crossEntropy()({ logits, labels }))
    for (const oldClasses of [0, 1]) {
      expectSame(number(unbiasedCrossEntropy({ oldClasses })({ logits, labels })), plain)
    }
  })

  law('unbiased distillation is narrowed distillation', ({ student, teacher }) => {
    for (const alpha of [1, 2]) {
      const unbiased = number(unbiasedKd({ alpha })({ student, teacher }))
      expectSame(unbiased, number(narrowedKd({ alpha })({ student, teacher })))
    }
  })

  law('focal distillation is the same whether new classes are folded or left out', ({ student, teacher }) => {
    const folded = number(focalKd()({ student, teacher }))
    expectSame(number(focalKd({ fold: 'none' })({ student, teacher })), folded)
  })
})

describe('distillation', () => {
  law('of Hinton is not negative, and 0 between equal scores only', ({ student, teacher }) => {
    const kd = hintonKd()
    const between = number(kd({ student, teacher }))
    if (student.shape[3] === 1) expect(between).toBe(0)
    else expect(between).toBeGreaterThan(0)
    expect(Math.abs(number(kd({ student, teacher: student.clone() })))).toBeLessThan(1e-12)
  })
})

describe('pooled features', () => {
  const features = fc.record({
    shape: mapShape({ maxSide: 4 }).map(([n, h, w, c]) => [n, h + 3, w + 3, c] as const),
    dataSeed: seed(),
  })

  it.each([
    ['local POD', localPod()],
    ['local POD without squares', localPod({ square: false })],
    ['EC-Strip', ecStrip({ scales: [1, 2] })],
  ])('%s of equal maps is 0 with gradient 0, also where maps are 0', (_, loss) => {
    const property = fc.property(features, fc.boolean(), ({ shape, dataSeed }, empty) => {
      const x = tf.tensor(fillValues('normal', shape, new Random(dataSeed)), [...shape])
      const student = (empty ? tf.zerosLike(x) : x) as Tensor4D
      const teacher = student.clone()
      const { value, gradients } = valueAndGradients(
        () => ({ loss: loss({ student, teacher }) as Scalar }),
        [student],
      )
      expect(number(value.loss)).toBe(0)
      expect(gradients[0]!.dataSync().every((entry) => entry === 0)).toBe(true)
    })
    fc.assert(property, fcParameters({ runs: 20 }))
  })
})
