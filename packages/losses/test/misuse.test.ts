import { registerRef } from '@limbeck/backend-ref'
import { type Tensor4D, tf } from '@limbeck/core'
import {
  attentionTransfer,
  crossEntropy,
  deepSupervision,
  ecStrip,
  featureMse,
  focalKd,
  localPod,
  pooledCubeChannel,
  regionLogitKd,
  unbiasedKd,
} from '@limbeck/losses'
import { expect, it } from 'vitest'

registerRef()
await tf.setBackend('ref')

const map = (height: number, width: number, channels: number): Tensor4D =>
  tf.zeros([1, height, width, channels])
const labels = tf.zeros([1, 4, 4], 'int32') as tf.Tensor3D

it('refuses a misspelt option and offers the right one', () => {
  expect(() => crossEntropy({ smothing: 0.1 } as never)).toThrow(/did you mean "smoothing"/)
})

it('refuses one class weight too few', () => {
  expect(() => crossEntropy({ classWeights: [1, 2] })({ logits: map(4, 4, 3), labels })).toThrow(
    /one weight per class/,
  )
})

it('refuses labels of another size', () => {
  expect(() => crossEntropy()({ logits: map(4, 5, 3), labels })).toThrow(/"labels" does not fit "logits"/)
})

it('refuses a teacher with classes that the student lacks', () => {
  const loss = unbiasedKd()
  expect(() => loss({ student: map(4, 4, 3), teacher: map(4, 4, 4) })).toThrow(/cover 0…3/)
})

it.each([1, 3, 0.5])('refuses focal distillation on the raw difference with γ = %d', (gamma) => {
  expect(() => focalKd({ base: 'raw', gamma })).toThrow(/rewards errors[\s\S]*even gamma/)
  expect(() => focalKd({ base: 'raw', gamma, allowUnsafe: true })).not.toThrow()
})

it('refuses maps too small for a scale, or leaves the scale out when asked', () => {
  const pair = { student: map(3, 8, 2), teacher: map(3, 8, 2) }
  expect(() => localPod()(pair)).toThrow(/scales up to 3[\s\S]*whenTooSmall: 'skip'/)
  expect(localPod({ whenTooSmall: 'skip' })(pair).dataSync()[0]).toBe(0)
  expect(() => ecStrip()(pair)).toThrow(/map of 2 × 4 is too small/)
})

it('refuses features of unequal width, saying how to get by', () => {
  expect(() => localPod()({ student: map(4, 4, 2), teacher: map(4, 4, 3) })).toThrow(/1 × 1 convolution/)
  expect(() => featureMse()({ student: map(4, 4, 2), teacher: map(4, 4, 3) })).toThrow(
    /does not fit "student"/,
  )
})

it('compares attention of networks of any width', () => {
  expect(attentionTransfer()({ student: map(4, 4, 2), teacher: map(4, 4, 3) }).dataSync()[0]).toBe(0)
})

it('refuses a student without a channel for each organ', () => {
  const loss = regionLogitKd({ region: 'organs' })
  expect(() => loss({ student: map(4, 4, 2), teachers: [map(4, 4, 2), map(4, 4, 2)] })).toThrow(
    /student of 3 channels/,
  )
})

it('refuses an even number of neighbouring channels', () => {
  expect(() => pooledCubeChannel({ kernel: 2 })).toThrow(/odd/)
})

it('refuses head weights that do not match the heads', () => {
  const loss = deepSupervision(crossEntropy(), [1, 2])
  expect(() => loss({ heads: [map(4, 4, 3)], labels })).toThrow(/one weight per head/)
})

it('enlarges heads of a lower resolution to the labels', () => {
  const loss = deepSupervision(crossEntropy())
  expect(loss({ heads: [map(4, 4, 3), map(2, 2, 3)], labels }).dataSync()[0]).toBeCloseTo(Math.log(3), 6)
})
