/** How many tests passed and failed, from what a test program leaves behind; failures by name. */

const MOST_FAILURES = 50
const MOST_CHARACTERS = 1000

/** Of results `{ name, status, message? }`. */
export function countsOf(results) {
  const count = (status) => results.filter((one) => one.status === status).length
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    failures: results
      .filter(({ status }) => status === 'failed')
      .slice(0, MOST_FAILURES)
      .map(({ name, message = '' }) => ({ name, message: message.slice(0, MOST_CHARACTERS) })),
  }
}

/** The lines of `line-reporter.mjs`; the last one may have been cut off. */
export const reportedTests = (text) =>
  text.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []))

/** What cuda_test prints: `ok   fact (3 ms)`, `FAIL fact (3 ms): message`. */
export const nativeTests = (output) =>
  [...output.matchAll(/^(ok {2}|FAIL) (.*) \((\d+) ms\)(?:: (.*))?$/gm)].map(([, mark, name, , message]) => ({
    name,
    status: mark === 'FAIL' ? 'failed' : 'passed',
    message,
  }))

/** The errors that compute-sanitizer prints, each with the lines that say where; and how many it counted. */
export function sanitizerFindings(output) {
  const counted = [...output.matchAll(/(?:ERROR|RACECHECK) SUMMARY: (\d+) (?:error|hazard)/g)]
  const blocks = [
    ...output.matchAll(
      /^=+ (?:Error|Warning|Invalid|Uninitialized|Barrier|Program hit|Potential).*(?:\n=+ {2,}.*)*/gm,
    ),
  ]
  return {
    errors: counted.reduce((sum, [, errors]) => sum + Number(errors), 0),
    findings: [...new Set(blocks.map(([block]) => block.slice(0, MOST_CHARACTERS)))].slice(0, MOST_FAILURES),
  }
}
