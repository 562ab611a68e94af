import { runConformance } from '@limbeck/testing/conformance'
import { expect, test } from 'vitest'

test("the reference backend passes tfjs-core's own specs", { timeout: 300_000 }, async () => {
  const report = await runConformance({ backend: 'ref' })
  expect(report.failures).toEqual([])
  expect(report.run).toBeGreaterThanOrEqual(2300)
  expect(Object.keys(report.excluded).length).toBeLessThanOrEqual(21)
})
