/** Runs the specs that pack.mjs has bundled, on the named backend, and prints the report as JSON. */
import { fileURLToPath } from 'node:url'
import { runSuites } from '../../testing/src/conformance/run-suites.ts'

const [, , backend] = process.argv
const beside = (name) => fileURLToPath(new URL(name, import.meta.url))
const report = await runSuites({
  recorder: beside('specs-on-cpu.cjs'),
  runner: beside(`specs-on-${backend}.cjs`),
  backend,
  gradients: 'limbeck',
})
console.log(JSON.stringify(report))
process.exitCode = report.failed > 0 || report.run === 0 ? 1 : 0
