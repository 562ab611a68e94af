import { type Plugin, tf } from '@limbeck/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { goldenCases } from './golden.ts'
import { checkGolden } from './golden-agreement.ts'

export interface DescribeGoldenOptions {
  /** The backend, which must be registered. */
  readonly backend: string
  /** Default `float32`. */
  readonly storage?: 'float32' | 'float64'
  /** Why nothing can run here; shown in the name of every test. */
  readonly skip?: string | undefined
}

/** Declares vitest tests that hold a plugin's losses against the golden cases, value and gradients, on a backend. */
export function describeGolden(plugin: Plugin, { backend, storage, skip }: DescribeGoldenOptions): void {
  describe(`golden cases on ${backend}`, () => {
    beforeAll(async () => {
      if (skip === undefined) await tf.setBackend(backend)
    })
    for (const golden of goldenCases()) {
      if (skip !== undefined) test.skip(`${golden.name} (skipped: ${skip})`)
      else {
        test(`${golden.name} agrees in value and gradients`, () => {
          expect(checkGolden(golden, plugin, storage).disagreements).toEqual([])
        })
      }
    }
  })
}
