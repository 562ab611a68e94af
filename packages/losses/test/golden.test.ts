import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
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
