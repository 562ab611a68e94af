import { registerRef } from '@limbeck/backend-ref'
import { type Loss, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { gradcheck } from '@limbeck/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { asInputs, type Drawn, drawInputs, isDifferentiable, toTensor } from './draw-inputs.ts'
import { lossCases } from './loss-cases.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe.each(lossCases.map((one) => [one.name, one] as const))('%s', (_, { loss, sizes }) => {
  const drawn = drawInputs(loss, sizes)

  // CDMA's decoders teach each other as constants, which differences cannot know; see invariants.test.ts
  it.skipIf(loss.spec.name === 'cross-decoder-kd')('has the gradient that central differences give', () => {
    const moved = [...drawn].filter(([, one]) => isDifferentiable(one))
    gradcheck(
      (...tensors) =>
        call(
          loss,
          drawn,
          moved.map(([name]) => name),
          tensors,
        ),
      moved.map(([, one]) => one),
    )
  })

  it('gives its targets no gradient', () => {
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
