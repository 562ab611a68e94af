// Runs tfjs-core's own specs against a backend: npm run conformance -- --backend ref [--gradients stock] [--json]
import { parseArgs } from 'node:util'
import { runConformance } from '@limbeck/testing/conformance'

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'ref' },
    gradients: { type: 'string', default: 'limbeck' },
    module: { type: 'string' },
    register: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const { backend, gradients, module, register, json } = values
const source = module && { source: { module, ...(register && { register }) } }
const report = await runConformance({ backend, gradients, ...source })
if (json) console.log(JSON.stringify(report, null, 2))
else print(report)
process.exitCode = report.failed > 0 ? 1 : 0

function print(report) {
  const { candidates, inScope, run, passed, failed, pending, excluded, failures, missingKernels, seconds } =
    report
  for (const { name, message } of failures) console.log(`✖ ${name}\n    ${message.split('\n')[0]}`)
  for (const [name, reason] of Object.entries(excluded)) console.log(`– ${name}\n    ${reason}`)
  const lacking = Object.entries(missingKernels).map(([kernel, specs]) => `${kernel} ${specs}`)
  if (lacking.length > 0) console.log(`lacks ${lacking.join(', ')}`)
  console.log(
    `conformance ${report.backend} (${report.gradients} gradients): ${inScope} of ${candidates} specs in scope, ` +
      `${run} run, ${passed} passed, ${failed} failed, ${pending} pending, ` +
      `${Object.keys(excluded).length} excluded, ${seconds.toFixed(1)} s`,
  )
}
