import { registerRef } from '@limbeck/backend-ref'
import { type StoredTensor, tf } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { checkGolden, goldenCases } from '@limbeck/testing'
import { beforeAll, describe, expect, it } from 'vitest'

const cases = [...goldenCases()]

describe.each([
  ['ref', 'float32'],
  ['ref64', 'float64'],
] as const)('golden cases on %s', (backend, storage) => {
  beforeAll(async () => {
    registerRef()
    await tf.setBackend(backend)
  })

  it.each(cases.map((golden) => [golden.name, golden] as const))(
    '%s agrees in value and gradients',
    (_, golden) => {
      expect(checkGolden(golden, lossesPlugin, storage).disagreements).toEqual([])
    },
  )
})

describe('checkGolden', () => {
  const golden = cases[0]!

  it('finds a value that is off by twice the tolerance', () => {
    const { disagreements } = checkGolden({ ...golden, value: golden.value * (1 + 2e-5) }, lossesPlugin)
    expect(disagreements).toEqual([expect.stringContaining('value: expected')])
  })

  it('finds one gradient entry that is wrong', () => {
    const [[name, { shape, data }]] = Object.entries(golden.gradients) as [[string, StoredTensor]]
    const wrong = Float32Array.from(data, (entry, i) => (i === 3 ? -entry : entry))
    const { disagreements } = checkGolden(
      { ...golden, gradients: { [name]: { shape, data: wrong } } },
      lossesPlugin,
    )
    expect(disagreements).toEqual([expect.stringContaining(`gradient of ${name}`)])
  })
})
