import { registerRef } from '@limbeck/backend-ref'
import { type Tensor, tf, valueAndGradients } from '@limbeck/core'
import {
  endScore,
  extendPath,
  extendScore,
  importancePenalty,
  initialFisher,
  initialPath,
  normalizeImportance,
  pathImportance,
  updateFisher,
  walkImportance,
} from '@limbeck/losses'
import { describe, expect, it } from 'vitest'

registerRef()
await tf.setBackend('ref')

const named = (...values: readonly number[]): Map<string, Tensor> =>
  new Map([['w', tf.tensor1d([...values])]])
const list = (tensors: ReadonlyMap<string, Tensor>): number[] => Array.from(tensors.get('w')!.dataSync())
const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5)
}

describe('importancePenalty', () => {
  it('is Σ Ω (θ − θ*)² with gradient 2 Ω (θ − θ*), over parameters that have an importance', () => {
    const parameters = new Map([...named(1, 2), ['added', tf.tensor1d([9])]])
    const known = { anchors: named(0, 4), importance: named(3, 0.5) }
    const { value, gradients } = valueAndGradients(
      () => ({ loss: importancePenalty(parameters, known) }),
      [...parameters.values()],
    )
    expect(value.loss.dataSync()[0]).toBeCloseTo(5, 6)
    expectClose(Array.from(gradients[0]!.dataSync()), [6, -2])
    expect(gradients[1]).toBeUndefined()
  })

  it('is 0 when nothing has an importance', () => {
    expect(importancePenalty(named(1), { anchors: new Map(), importance: new Map() }).dataSync()[0]).toBe(0)
  })
})

describe('importance', () => {
  it('EWC: starts at ones and moves by 0.9 to the squared gradient; a parameter without gradient decays', () => {
    const start = initialFisher(named(7, 7))
    expect(list(start)).toEqual([1, 1])
    expectClose(list(updateFisher(start, named(2, 0))), [3.7, 0.1])
    expectClose(list(updateFisher(start, new Map())), [0.1, 0.1])
  })

  it('path integral: what each parameter took off the loss, over how far it went, plus what was before', () => {
    const step = { gradients: named(2, -1), before: named(1, 1), after: named(0.5, 0.5) }
    const path = extendPath(initialPath(named(0, 0)), step)
    expectClose(list(path), [1, -0.5])
    const importance = pathImportance(path, {
      parameters: named(0.5, 0.5),
      anchors: named(1, 1),
      previous: named(1, 1),
    })
    expectClose(list(importance), [5, 1])
  })

  it('Riemannian walk: the same over the distance in the Fisher metric, halved with what was before', () => {
    const step = { gradients: named(2), before: named(1), after: named(0.5), fisher: named(4) }
    const score = extendScore(named(0), step)
    expectClose(list(score), [2])
    expectClose(list(endScore(score, named(4))), [3])
    expectClose(list(walkImportance(named(0.5), score)), [2.5])
  })

  it('is brought to [0, 1] tensor by tensor, and constant tensors to 0', () => {
    expectClose(list(normalizeImportance(named(2, 4, 6))), [0, 0.5, 1])
    expectClose(list(normalizeImportance(named(3, 3))), [0, 0])
  })
})
