import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** Packages whose code also runs in a page. */
const packages = ['core', 'backend-ref', 'losses', 'methods', 'models']

describe('a browser', () => {
  it.each(packages)('can run %s: it imports nothing from Node', async (name) => {
    const { outputFiles, warnings } = await build({
      entryPoints: [fileURLToPath(new URL(`../packages/${name}/src/index.ts`, import.meta.url))],
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
