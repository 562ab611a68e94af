import { adamW, Random, type Tensor4D, tf, valueAndGradients } from '@limbeck/core'
import type { BackendStats } from '@limbeck/core/kernels'
import { crossEntropy } from '@limbeck/losses'
import { unet } from '@limbeck/models'
import { onBackend } from '@limbeck/testing'
import { describe, expect, it } from 'vitest'

const setting = { count: 2, size: 24, classes: 3 }

type CountingBackend = tf.KernelBackend & { stats: BackendStats; resetStats(): void }

/** A small U-Net on one batch of noise with labels that follow from it; each call of `step` gives the loss. */
function training() {
  const random = new Random('training')
  const { count, size, classes } = setting
  const values = Float32Array.from({ length: count * size * size * 3 }, () => random.normal())
  const images = tf.tensor4d(values, [count, size, size, 3])
  const labels = tf.tensor3d(
    Int32Array.from({ length: count * size * size }, (_, pixel) => (values[3 * pixel]! > 0 ? 1 : 2)),
    [count, size, size],
    'int32',
  )
  const model = unet({ classes, width: 4, depth: 2, random })
  const parameters = model.parameters()
  const names = [...parameters.keys()]
  const tensors = names.map((name) => parameters.get(name)!.tensor)
  const optimizer = adamW()
  const loss = crossEntropy()
  const step = () =>
    tf.tidy(() => {
      const { value, gradients } = valueAndGradients(() => {
        const { logits } = model.forward(images, { want: ['logits'], mode: 'train' })
        return { loss: loss({ logits: logits as Tensor4D, labels }) as tf.Scalar }
      }, tensors)
      const byName = new Map(names.map((name, i) => [name, gradients[i]!]))
      optimizer.step({ parameters, gradients: byName, learningRate: 5e-3 })
      return value.loss
    })
  return step
}

export interface DescribeTrainingOptions {
  readonly skip?: string | undefined
  /** How far a loss may lie from the reference's, relative. Default one part in a thousand. */
  readonly tolerance?: number
  /** Where maps are stored as bfloat16: the most of the reference's bytes that they may take. */
  readonly mapBytes?: number
}

/** Declares tests of a training on a native backend, beside the same on `ref`. Both must be registered. */
export function describeTraining(
  backend: string,
  { skip, tolerance = 1e-3, mapBytes }: DescribeTrainingOptions = {},
): void {
  describe.skipIf(skip)(`training on ${backend}${skip ? ` (skipped: ${skip})` : ''}`, () => {
    it(`follows the loss curve of the reference over 20 steps, to ${tolerance}`, () => {
      const curve = (on: string) =>
        onBackend(on, () => {
          const step = training()
          return Array.from({ length: 20 }, () => step().dataSync()[0]!)
        })
      const expected = curve('ref')
      expect(expected.at(-1)!).toBeLessThan(0.7 * expected[0]!)
      const actual = curve(backend)
      for (const [i, value] of actual.entries()) {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance * expected[i]!)
      }
    })

    it('uploads nothing, reads nothing back and leaks nothing in a warm step', () => {
      onBackend(backend, () => {
        const step = training()
        step().dispose()
        const native = tf.backend() as CountingBackend
        native.resetStats()
        const { liveBytes } = native.stats
        const { numTensors } = tf.memory()
        for (let i = 0; i < 5; i++) step().dispose()
        expect(native.stats).toMatchObject({ uploads: 0, readbacks: 0, liveBytes })
        expect(tf.memory().numTensors).toBe(numTensors)
      })
    })

    it.skipIf(mapBytes === undefined)(`takes ${mapBytes} of the reference's bytes for maps at most`, () => {
      /** Bytes of parameters, optimizer and batch, and the most that a step adds to them. */
      const bytes = (on: string) =>
        onBackend(on, () => {
          const counting = tf.backend() as CountingBackend
          const before = counting.stats.liveBytes
          const step = training()
          step().dispose()
          counting.resetStats()
          const { liveBytes } = counting.stats
          step().dispose()
          return { lasting: liveBytes - before, more: counting.stats.peakBytes - liveBytes }
        })
      const [reference, own] = [bytes('ref'), bytes(backend)]
      expect(own.lasting).toBe(reference.lasting)
      expect(own.more / reference.more).toBeLessThan(mapBytes!)
    })
  })
}
