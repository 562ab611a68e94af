import { type RefBackend, registerRef } from '@limbeck/backend-ref'
import { type Loss, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { asInputs, type Drawn, drawInputs, isDifferentiable, toTensor } from './draw-inputs.ts'
import { lossCases } from './loss-cases.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

describe.each(lossCases.map((one) => [one.name, one] as const))('%s', (_, { loss, sizes }) => {
  it('stays finite with scores of ±200 and beyond', () => {
    const { value, gradients } = differentiate(loss, drawInputs(loss, sizes, { scale: 200 }))
    expect(Number.isFinite(value)).toBe(true)
    expect(gradients.flat().every(Number.isFinite)).toBe(true)
  })

  it('uploads nothing, reads nothing back and leaks nothing in a warm step', () => {
    const drawn = drawInputs(loss, sizes)
    const tensors = new Map([...drawn].map(([name, one]) => [name, toTensor(one)]))
    const wrt = [...drawn].filter(([, one]) => isDifferentiable(one)).map(([name]) => tensors.get(name)!)
    const step = () =>
      tf.tidy(
        () => void valueAndGradients(() => ({ loss: loss(asInputs(tensors) as never) as tf.Scalar }), wrt),
      )
    step()
    const backend = tf.backend() as RefBackend
    backend.resetStats()
    const before = tf.memory().numTensors
    step()
    expect(backend.stats).toMatchObject({ uploads: 0, readbacks: 0 })
    expect(tf.memory().numTensors).toBe(before)
    for (const tensor of tensors.values()) tensor.dispose()
  })
})

const supervised = lossCases.filter(({ loss }) => 'labels' in loss.spec.inputs)

describe.each(supervised.map((one) => [one.name, one] as const))('%s', (_, { loss, sizes }) => {
  it('is 0 with gradient 0 when every pixel is ignored', () => {
    const { value, gradients } = differentiate(loss, drawInputs(loss, sizes, { ignored: 'all' }))
    expect(value).toBe(0)
    expect(gradients.flat().every((entry) => entry === 0)).toBe(true)
  })
})

const features = lossCases.filter(
  ({ loss: { spec }, sizes }) =>
    'student' in spec.inputs && spec.inputs.student!.kind === 'map' && !sizes.channels,
)

describe.each(features.map((one) => [one.name, one] as const))('%s', (_, { loss, sizes }) => {
  it('is 0 with finite gradient 0 between equal maps', () => {
    const drawn = drawInputs(loss, sizes)
    drawn.set('teacher', { ...drawn.get('teacher')!, values: drawn.get('student')!.values })
    const { value, gradients } = differentiate(loss, drawn)
    expect(Math.abs(value)).toBeLessThan(1e-6)
    expect(Math.max(...gradients.flat().map(Math.abs))).toBeLessThan(1e-6)
  })
})

function differentiate(
  loss: Loss,
  drawn: ReadonlyMap<string, Drawn>,
): { value: number; gradients: number[][] } {
  const names = [...drawn].filter(([, one]) => isDifferentiable(one)).map(([name]) => name)
  const tensors = new Map([...drawn].map(([name, one]) => [name, toTensor(one)]))
  const { value, gradients } = valueAndGradients(
    () => ({ loss: loss(asInputs(tensors) as never) as tf.Scalar }),
    names.map((name) => tensors.get(name)!),
  )
  const read = (x: Tensor | undefined) => (x ? Array.from(x.dataSync()) : [])
  return { value: value.loss.dataSync()[0]!, gradients: gradients.map(read) }
}
