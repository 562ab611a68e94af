import { fileURLToPath } from 'node:url'
import { registerRef } from '@limbeck/backend-ref'
import { type Callback, type StepEvent, tf } from '@limbeck/core'
import { openExperiment, parseConfig, train } from '@limbeck/train'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const directory = fileURLToPath(new URL('../examples/plugins/', import.meta.url))

/** Two tasks on two images, with the example plugins named in the config. */
async function stepsWith(change: Record<string, unknown>): Promise<StepEvent[]> {
  const value = {
    name: 'example',
    plugins: ['./spatial-attention.ts', './look-alike.ts', './dilated-net.ts'],
    data: { use: 'synthetic-nuclei', options: { size: 32, train: 2, validation: 1, balanced: true } },
    protocol: { tasks: '3-1' },
    student: { use: 'dilated-net', options: { width: 8, depth: 3 } },
    method: { use: 'look-alike' },
    batch: { size: 2, augment: { flip: false, rotate: false } },
    epochs: 1,
    stepsPerEpoch: 5,
    optimizer: { use: 'adam', learningRate: 0.01 },
    logEvery: 1,
    ...change,
  }
  const parsed = await parseConfig({ file: `${directory}example.yaml`, directory, value })
  const { experiment } = await openExperiment(parsed)
  const steps: StepEvent[] = []
  const recorder: Callback = { name: 'recorder', onStep: (step) => void steps.push(step) }
  const { student } = await train(experiment, [recorder])
  student.dispose()
  return steps
}

describe('example plugins', () => {
  it.each([
    ['the method with the model', {}],
    ['the model with a built-in method', { method: { use: 'mib' } }],
    ['the method with a built-in model', { student: { use: 'unet', options: { width: 4, depth: 2 } } }],
  ])('train: %s', async (_, change) => {
    const steps = await stepsWith(change)
    for (const index of [0, 1]) {
      const ce = steps.filter(({ task }) => task.index === index).map(({ terms }) => terms.ce!.value)
      expect(ce.every(Number.isFinite)).toBe(true)
      expect(ce.at(-1)).toBeLessThan(ce[0]!)
    }
  })

  it('keep looking where the previous model looked, from the first step on', async () => {
    const steps = await stepsWith({})
    const [first] = steps.filter(({ task }) => task.index === 1)
    expect(first!.terms['attention encoder.1']!.value).toBeCloseTo(0, 9)
  })
})
