/** A device.json as text: the machine, the stages, what failed, the benchmarks. */
import { reportCuda } from '../../../bench/lib/cuda-report.mjs'
import { formatTable } from '../../../bench/lib/timing.mjs'

export function report(result) {
  const { gpu, driver, nvcc, cpu, cores, commit, started, stages } = result
  const bench = stages.find(({ stage }) => stage === 'bench')?.rows
  return [
    `${gpu ?? 'no GPU'}${driver ? `, driver ${driver}` : ''}${nvcc ? `, nvcc ${nvcc}` : ''}; ${cpu}, ${cores} cores`,
    `commit ${commit}, ${started.slice(0, 10)}`,
    '',
    formatTable(stages.map(stageRow)),
    ...stages.flatMap(problems),
    ...(bench ? ['', reportCuda(bench)] : []),
  ].join('\n')
}

function stageRow({ stage, status, seconds, tests, tools }) {
  const counts = tests ?? (tools && sumOf(tools.map((tool) => tool.tests)))
  return {
    stage,
    status,
    s: seconds.toFixed(0),
    passed: counts?.passed ?? '–',
    failed: counts?.failed ?? '–',
    skipped: counts?.skipped ?? '–',
  }
}

const sumOf = (counts) =>
  counts.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )

/** A line for each thing that went wrong in a stage. */
function problems({ stage, reason, addon, tests, tools = [] }) {
  const firstLine = ({ name, message }) => `${name}: ${message.split('\n')[0]}`
  const lines = [
    ...(reason ? [reason] : []),
    ...(addon?.reason ? [`the addon: ${addon.reason}`] : []),
    ...(tests?.failures ?? []).map(firstLine),
    ...tools.flatMap(({ tool, errors, findings, planted, caught, tests: run }) => [
      ...(errors > 0 ? [`${tool} counts ${errors} errors`] : []),
      ...findings.map((finding) => `${tool}: ${finding.split('\n')[0]}`),
      ...(planted && !caught ? [`${tool} does not catch the planted ${planted}`] : []),
      ...run.failures.map((failure) => `${tool}: ${firstLine(failure)}`),
    ]),
  ]
  return lines.map((line) => `${stage}: ${line}`)
}
