import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackendError } from '@limbeck/core'
import { type BackendModule, bundleSuite, type GradientSet } from './bundle.ts'
import { type ConformanceReport, runSuites, type Suites } from './run-suites.ts'

export interface ConformanceOptions {
  /** The name that the backend registers under. */
  readonly backend: string
  /** Where it comes from; known for our own backends and for tfjs's. */
  readonly source?: BackendModule
  /** Default `limbeck`. */
  readonly gradients?: GradientSet
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
  const folder = await mkdtemp(join(tmpdir(), 'limbeck-conformance-'))
  try {
    return await runSuites(await bundleSuites(options, folder))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Writes what `runSuites` runs, two files that need no other, into a folder. */
export async function bundleSuites(
  { backend, source = knownSources[backend], gradients = 'limbeck' }: ConformanceOptions,
  folder: string,
): Promise<Suites> {
  if (!source) {
    throw new BackendError('conformance/unknown-backend', `no module is known for backend "${backend}"`, {
      expected: `one of ${Object.keys(knownSources).join(', ')}, or a module`,
      hint: 'name the package with --module, and its function with --register',
    })
  }
  const suites = {
    recorder: join(folder, 'specs-on-cpu.cjs'),
    runner: join(folder, `specs-on-${backend.replaceAll('/', '-')}.cjs`),
    backend,
    gradients,
  }
  await Promise.all([
    bundleSuite('cpu', cpu, 'stock', suites.recorder),
    bundleSuite(backend, source, gradients, suites.runner),
  ])
  return suites
}
