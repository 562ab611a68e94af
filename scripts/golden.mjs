/**
 * Runs golden cases against the built-in losses: `npm run golden -- DIR [--backend NAME]`.
 *
 * DIR holds `<family>.json` and `<family>.safetensors` as `packages/testing/golden` does, which is the default.
 * Prints each disagreement and `N passed, M failed`; exit code 1 when any failed, 2 for usage.
 */
import { parseArgs } from 'node:util'
import { selectBackend } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { checkGolden, GOLDEN_DIRECTORY, goldenCases } from '@limbeck/testing'

const { positionals, values } = readArguments()
const { name } = await selectBackend({ argument: values.backend })

let passed = 0
let failed = 0
for (const golden of goldenCases({ directory: positionals[0] ?? GOLDEN_DIRECTORY })) {
  const problems = run(golden)
  if (problems.length === 0) passed++
  else failed++
  for (const problem of problems) console.log(`${golden.family}/${golden.name}: ${problem}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** A case that cannot be run at all is one that failed; the others still count. */
function run(golden) {
  try {
    return checkGolden(golden, lossesPlugin, name === 'ref64' ? 'float64' : 'float32').disagreements
  } catch (error) {
    return [error.message]
  }
}

function readArguments() {
  try {
    const parsed = parseArgs({ allowPositionals: true, options: { backend: { type: 'string' } } })
    if (parsed.positionals.length <= 1) return parsed
    throw new Error('one directory at most')
  } catch (error) {
    console.error(`golden: ${error.message}\nusage: npm run golden -- [DIR] [--backend NAME]`)
    process.exit(2)
  }
}
