import { fork } from 'node:child_process'
import { BackendError } from '@limbeck/core'
import type { GradientSet } from './bundle.ts'
import { exclusionOf } from './exclusions.ts'
import type { SpecFailure, SpecTrace, SuiteAnswer, SuiteTask } from './protocol.ts'

/** How a backend stands up to tfjs-core's own specs. */
export interface ConformanceReport {
  readonly backend: string
  readonly gradients: GradientSet
  /** Specs that touch a kernel, and no complex or string tensor. */
  readonly candidates: number
  /** Candidates that need only kernels which the backend has; of these `excluded` were left out by name. */
  readonly inScope: number
  readonly run: number
  readonly passed: number
  readonly failed: number
  readonly pending: number
  readonly failures: readonly SpecFailure[]
  /** Why, by spec. */
  readonly excluded: Readonly<Record<string, string>>
  /** Kernels that the backend lacks, with the number of candidates that need them. */
  readonly missingKernels: Readonly<Record<string, number>>
  readonly seconds: number
}

/** Bundles of `bundleSuites`, and whose they are. */
export interface Suites {
  /** The specs on tfjs-backend-cpu. */
  readonly recorder: string
  /** The specs on the backend. */
  readonly runner: string
  readonly backend: string
  readonly gradients: GradientSet
}

/** Runs bundled specs; see `runConformance`. Needs nothing but the two files. */
export async function runSuites({
  recorder,
  runner,
  backend,
  gradients,
}: Suites): Promise<ConformanceReport> {
  const start = performance.now()
  const [{ traces }, { kernels }] = await Promise.all([
    ask(recorder, { kind: 'record' }),
    ask(runner, { kind: 'kernels', backend }),
  ])
  const scope = scopeOf(traces, new Set(kernels))
  const excluded: Record<string, string> = {}
  for (const name of scope.inScope) {
    const reason = exclusionOf(name, gradients)
    if (reason) excluded[name] = reason
  }
  const specs = scope.inScope.filter((name) => !(name in excluded))
  const { passed, pending, failures } = await ask(runner, { kind: 'run', backend, specs })
  return {
    backend,
    gradients,
    candidates: scope.candidates,
    inScope: scope.inScope.length,
    run: passed + failures.length,
    passed,
    failed: failures.length,
    pending,
    failures,
    excluded,
    missingKernels: scope.missingKernels,
    seconds: (performance.now() - start) / 1000,
  }
}

function scopeOf(traces: Readonly<Record<string, SpecTrace>>, present: ReadonlySet<string>) {
  const candidates = Object.entries(traces).filter(
    ([, trace]) => trace.kernels.length > 0 && trace.plainDtypes,
  )
  const missing = new Map<string, number>()
  const inScope: string[] = []
  for (const [name, { kernels }] of candidates) {
    const absent = kernels.filter((kernel) => !present.has(kernel))
    if (absent.length === 0) inScope.push(name)
    for (const kernel of absent) missing.set(kernel, (missing.get(kernel) ?? 0) + 1)
  }
  const byNeed = [...missing].sort(([, a], [, b]) => b - a)
  return { candidates: candidates.length, inScope, missingKernels: Object.fromEntries(byNeed) }
}

/** Runs a bundle in a process of its own, since tfjs's engine is one per process, and waits for its answer. */
function ask<K extends SuiteTask['kind']>(
  bundle: string,
  task: SuiteTask & { kind: K },
): Promise<SuiteAnswer & { kind: K }> {
  return new Promise((resolve, reject) => {
    const child = fork(bundle, {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: process.cwd(),
    })
    let errors = ''
    child.stderr!.on('data', (chunk) => {
      errors += chunk
    })
    child.once('message', (answer) => resolve(answer as SuiteAnswer & { kind: K }))
    child.once('exit', (code) => {
      reject(
        new BackendError('conformance/crashed', `the specs ended with code ${code}\n${errors.slice(-2000)}`),
      )
    })
    child.send(task)
  })
}
