import { defineConfig } from 'vitest/config'

const conditions = ['@limbeck/source', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    reporters: ['default', './scripts/ci-reporter.ts'],
  },
})
