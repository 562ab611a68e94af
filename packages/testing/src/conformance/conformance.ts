import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackendError } from '@limbeck/core'
import { type BackendModule, bundleSuite, type GradientSet } from './bundle.ts'
import { exclusionOf } from './exclusions.ts'
import type { SpecFailure, SpecTrace, SuiteAnswer, SuiteTask } from './protocol.ts'

export interface ConformanceOptions {
  /** The name that the backend registers under. */
  readonly backend: string
  /** Where it comes from; known for our own backends and for tfjs's. */
  readonly source?: BackendModule
  /** Default `limbeck`. */
  readonly gradients?: GradientSet
}

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

const cpu: BackendModule = { module: '@tensorflow/tfjs-backend-cpu' }

const knownSources: Readonly<Record<string, BackendModule>> = {
  cpu,
  ref: { module: '@limbeck/backend-ref', register: 'registerRef' },
  ref64: { module: '@limbeck/backend-ref', register: 'registerRef' },
  simd: { module: '@limbeck/backend-simd', register: 'register' },
  cuda: { module: '@limbeck/backend-cuda', register: 'register' },
  'cuda-emulated': { module: '@limbeck/backend-cuda', register: 'register' },
}

/**
 * Runs tfjs-core's published specs against a backend.
 *
 * What is in scope is found out, not listed: one run on tfjs-backend-cpu records the kernels of each spec, and a
 * spec is in scope when the backend has them all. Throws `BackendError` when the specs cannot be run.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const start = performance.now()
  const { backend, source = knownSources[backend], gradients = 'limbeck' } = options
  if (!source) {
    throw new BackendError('conformance/unknown-backend', `no module is known for backend "${backend}"`, {
      expected: `one of ${Object.keys(knownSources).join(', ')}, or a module`,
      hint: 'name the package with --module, and its function with --register',
    })
  }
  const folder = await mkdtemp(join(tmpdir(), 'limbeck-conformance-'))
  try {
    const [recorder, runner] = [join(folder, 'record.cjs'), join(folder, 'run.cjs')]
    await Promise.all([
      bundleSuite('cpu', cpu, 'stock', recorder),
      bundleSuite(backend, source, gradients, runner),
    ])
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
  } finally {
    await rm(folder, { recursive: true })
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
