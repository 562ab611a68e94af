import type { Reporter } from 'vitest/node'

/** Prints the one line that a CI reads: `vitest: 12 passed, 0 failed, 3 skipped`. */
export default class CiReporter implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (modules, unhandledErrors) => {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      // a file that does not load has no tests to count, yet has failed
      if (module.state() === 'failed' && module.children.size === 0) count.failed++
      for (const test of module.children.allTests()) count[test.result().state]++
    }
    console.log(`vitest: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  }
}
