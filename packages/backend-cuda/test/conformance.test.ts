import { runConformance } from '@limbeck/testing/conformance'
import { describe, expect, it } from 'vitest'
import { type CudaBackend, registerCuda } from '../src/index.ts'

describe.each<CudaBackend>(['cuda-emulated', 'cuda'])('%s', (backend) => {
  const skip = registerCuda(backend)

  it.skipIf(skip)(
    `passes tfjs-core's own specs${skip ? ` (skipped: ${skip})` : ''}`,
    { timeout: 600_000 },
    async () => {
      const report = await runConformance({ backend })
      expect(report.failures).toEqual([])
      expect(report.run).toBeGreaterThanOrEqual(2300) // as many as the reference
    },
  )
})
