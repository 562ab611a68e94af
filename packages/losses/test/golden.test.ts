import { registerRef } from '@limbeck/backend-ref'
import { type StoredTensor, tf } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { checkGolden, type GoldenCase, goldenCases } from '@limbeck/testing'
import { describeGolden } from '@limbeck/testing/vitest'
import { beforeAll, describe, expect, it } from 'vitest'

registerRef()
describeGolden(lossesPlugin, { backend: 'ref' })
describeGolden(lossesPlugin, { backend: 'ref64', storage: 'float64' })

describe('checkGolden', () => {
  const [golden] = [...goldenCases()] as [GoldenCase]

  beforeAll(() => tf.setBackend('ref'))

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
