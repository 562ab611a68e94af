import { defineConfig } from 'vitest/config'

const conditions = ['@limbeck/source', 'default']

/** For what hangs, not for what is slow; a property with many runs is one long test. */
const TIMEOUT = process.env.LIMBECK_FC_RUNS ? 1_800_000 : 240_000

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    // tests leave nothing in the cache of whoever runs them
    env: { LIMBECK_CACHE: 'off' },
    // worker threads that tests start inherit it; they run TypeScript from source too
    execArgv: ['--import', new URL('./scripts/typescript-in-threads.mjs', import.meta.url).href],
    testTimeout: TIMEOUT,
    // many train before the first test of a file: vitest's 10 seconds are not enough on a busy machine
    hookTimeout: TIMEOUT,
    reporters: ['default', './scripts/ci-reporter.ts'],
  },
})
