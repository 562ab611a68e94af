import { runConformance } from '@limbeck/testing/conformance'
import { expect, test } from 'vitest'
import { registerSimd } from '../src/index.ts'

const skip = registerSimd()

test.skipIf(skip)(
  `the SIMD backend passes tfjs-core's own specs${skip ? ` (skipped: ${skip})` : ''}`,
  { timeout: 300_000 },
  async () => {
    const report = await runConformance({ backend: 'simd' })
    expect(report.failures).toEqual([])
    expect(report.run).toBeGreaterThanOrEqual(2300) // as many as the reference
  },
)
