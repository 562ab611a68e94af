import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** Packages, and parts of them that stand alone, whose code also runs in a page. */
const entries = {
  core: 'core/src/index.ts',
  'backend-ref': 'backend-ref/src/index.ts',
  losses: 'losses/src/index.ts',
  methods: 'methods/src/index.ts',
  models: 'models/src/index.ts',
  'train/metrics': 'train/src/metrics/index.ts',
}

describe('a browser', () => {
  it.each(Object.entries(entries))('can run %s: it imports nothing from Node', async (_, entry) => {
    const { outputFiles, warnings } = await build({
      entryPoints: [fileURLToPath(new URL(`../packages/${entry}`, import.meta.url))],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      conditions: ['@limbeck/source'],
      logLevel: 'silent',
    })
    expect(warnings).toEqual([])
    expect(outputFiles).toHaveLength(1)
  })
})
