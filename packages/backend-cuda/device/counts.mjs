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

/** How many errors compute-sanitizer counted; of those it printed, one for each kind and place, with its first lines. */
export function sanitizerFindings(output) {
  const counted = [...output.matchAll(/(?:ERROR|RACECHECK) SUMMARY: (\d+) (?:error|hazard)/g)]
  const printed = output.matchAll(
    /^=+ (?:Error|Warning|Invalid|Uninitialized|Barrier|Program hit|Potential).*(?:\n=+ {2,}.*)*/gm,
  )
  const byPlace = new Map()
  for (const [block] of printed) byPlace.set(block.split('\n').slice(0, 2).join(), block)
  return {
    errors: counted.reduce((sum, [, errors]) => sum + Number(errors), 0),
    findings: [...byPlace.values()].slice(0, MOST_FAILURES).map((block) => block.slice(0, MOST_CHARACTERS)),
  }
}
