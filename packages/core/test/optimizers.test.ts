import { readFileSync } from 'node:fs'
import { registerRef } from '@limbeck/backend-ref'
import { adam, adamW, type Optimizer, Parameter, sgd, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

interface Expected {
  readonly first: number[]
  readonly second: number[]
}

const golden = JSON.parse(
  readFileSync(new URL('./golden/optimizers.json', import.meta.url), 'utf8'),
) as Record<string, Expected> & { steps: number }

/** The gradients of `golden/optimizers.py`. */
const gradient = (step: number, index: number, size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * (step + 1) + 0.9 * i + index))

function updates(
  optimizer: Optimizer,
  learningRate: number,
  from = 0,
  to: number = golden.steps,
  start?: Expected,
): Expected {
  const parameters = new Map([
    ['first', new Parameter(tf.tensor1d(start?.first ?? [0.5, -1.25, 2, 0]))],
    ['second', new Parameter(tf.tensor2d(start?.second ?? [1, -0.5], [1, 2]))],
  ])
  for (let step = from; step < to; step++) {
    tf.tidy(() => {
      const gradients = new Map([
        ['first', tf.tensor(gradient(step, 0, 4), [4])],
        ['second', tf.tensor(gradient(step, 1, 2), [1, 2])],
      ])
      optimizer.step({ parameters, gradients, learningRate })
    })
  }
  const [first, second] = [...parameters.values()].map(({ tensor }) => [...tensor.dataSync()])
  for (const parameter of parameters.values()) parameter.dispose()
  return { first: first!, second: second! }
}

const groups = [{ match: (name: string) => name === 'second', learningRate: 0.1, weightDecay: 0.3 }]
const cases: [string, () => Optimizer, number][] = [
  ['sgd', () => sgd(), 0.1],
  ['sgd-momentum', () => sgd({ momentum: 0.9, weightDecay: 0.01 }), 0.1],
  ['sgd-nesterov', () => sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }), 0.1],
  ['adam', () => adam({ weightDecay: 0.02 }), 0.05],
  ['adamw', () => adamW({ weightDecay: 0.02 }), 0.05],
  ['adamw-groups', () => adamW({ weightDecay: 0.02, groups }), 0.05],
  ['sgd-clipped', () => sgd({ momentum: 0.9, clipNorm: 0.5 }), 0.1],
]

describe.each(['ref', 'cpu'])('optimizers on %s', (backend) => {
  beforeAll(async () => {
    registerRef()
    await import('@tensorflow/tfjs-backend-cpu')
    await tf.setBackend(backend)
  })

  it.each(cases)('%s ends where PyTorch ends', (name, make, learningRate) => {
    const { first, second } = updates(make(), learningRate)
    const expected = [...golden[name]!.first, ...golden[name]!.second]
    for (const [i, value] of [...first, ...second].entries()) expect(value).toBeCloseTo(expected[i]!, 5)
  })

  it.each(cases)('%s goes on from a saved state as if unbroken', (_, make, learningRate) => {
    const unbroken = updates(make(), learningRate)
    const before = make()
    const half = updates(before, learningRate, 0, 2)
    const { tensors, updates: count } = before.state()
    const after = make()
    after.restore({ tensors: new Map([...tensors].map(([name, x]) => [name, tf.clone(x)])), updates: count })
    expect(updates(after, learningRate, 2, golden.steps, half)).toEqual(unbroken)
  })

  it('leak nothing', () => {
    const optimizer = adamW({ clipNorm: 1 })
    updates(optimizer, 0.1, 0, 1)
    const tensors = tf.memory().numTensors
    updates(optimizer, 0.1, 1, 4)
    expect(tf.memory().numTensors).toBe(tensors)
    optimizer.dispose()
  })
})
