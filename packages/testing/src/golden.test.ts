import { expect, test } from 'vitest'
import { goldenCases } from './golden.ts'

test('the package carries 287 golden cases, every tensor present and finite', () => {
  const cases = [...goldenCases()]
  expect(cases).toHaveLength(287)
  for (const { name, inputs, gradients, value } of cases) {
    expect(Number.isFinite(value), name).toBe(true)
    for (const [input, { shape, data }] of Object.entries({ ...inputs, ...gradients })) {
      expect(data.length, `${name}/${input}`).toBe(shape.reduce((size, length) => size * length, 1))
      expect((data as Float32Array).every(Number.isFinite), `${name}/${input}`).toBe(true)
    }
  }
})

test('a gradient has the shape of its input', () => {
  for (const { inputs, gradients } of goldenCases()) {
    for (const [name, { shape }] of Object.entries(gradients)) expect(inputs[name]!.shape).toEqual(shape)
  }
})

test('a loss picks its cases only', () => {
  const cases = [...goldenCases({ loss: 'kl' })]
  expect(cases.length).toBeGreaterThan(0)
  expect(new Set(cases.map(({ loss, family }) => `${family}/${loss}`))).toEqual(new Set(['distillation/kl']))
})
