import { registerRef } from '@limbeck/backend-ref'
import { type Loss, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { fcParameters, gradcheck, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { asInputs, type Drawn, drawInputs, isDifferentiable, type Sizes, toTensor } from './draw-inputs.ts'
import { lossCases } from './loss-cases.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

/** Odd sizes, single pixels and single images; maps whose strips are pooled keep at least the rows they are cut into. */
const around = ({ height, width, ...sizes }: Sizes): fc.Arbitrary<Sizes> => {
  const [least, most] = height < POOLED ? [1, 3] : [POOLED, POOLED + 1]
  return fc
    .tuple(
      fc.integer({ min: 1, max: least === 1 ? 2 : 1 }),
      fc.integer({ min: least, max: most }),
      fc.integer({ min: least, max: most }),
    )
    .map(([batch, h, w]) => ({ ...sizes, batch, height: h, width: w }))
}

/** Sides of the maps that feature losses are tried on. */
const POOLED = 4

describe.each(lossCases.map((one) => [one.name, one] as const))('%s', (_, { loss, sizes }) => {
  // CDMA's decoders teach each other as constants, which differences cannot know; see invariants.test.ts
  it.skipIf(loss.spec.name === 'cross-decoder-kd')('has the gradient that central differences give', () => {
    const property = fc.property(around(sizes), seed(), (around, seed) => {
      const drawn = drawInputs(loss, around, { seed })
      const moved = [...drawn].filter(([, one]) => isDifferentiable(one))
      const names = moved.map(([name]) => name)
      gradcheck(
        (...tensors) => call(loss, drawn, names, tensors),
        moved.map(([, one]) => one),
      )
    })
    fc.assert(property, fcParameters({ runs: 3, share: 0.2 }))
  })

  it('gives its targets no gradient', () => {
    const drawn = drawInputs(loss, sizes)
    const targets = [...drawn].filter(([, one]) => one.kind.target).map(([name]) => name)
    tf.tidy(() => {
      const tensors = targets.map((name) => toTensor(drawn.get(name)!))
      const { gradients } = valueAndGradients(
        () => ({ loss: call(loss, drawn, targets, tensors) as tf.Scalar }),
        tensors,
      )
      expect(gradients.every((gradient) => gradient === undefined)).toBe(true)
    })
  })
})

it('covers every loss of the plugin', () => {
  const covered = new Set(lossCases.map(({ loss }) => loss.spec.name))
  expect(lossesPlugin.losses!.map(({ spec }) => spec.name).filter((name) => !covered.has(name))).toEqual([])
})

/** The loss with some inputs given and the others drawn. */
function call(
  loss: Loss,
  drawn: Map<string, Drawn>,
  names: readonly string[],
  tensors: readonly Tensor[],
): Tensor {
  const all = new Map([...drawn].map(([name, one]) => [name, tensors[names.indexOf(name)] ?? toTensor(one)]))
  return loss(asInputs(all) as never)
}
