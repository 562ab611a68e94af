/**
 * The process that runs tfjs-core's own specs. It is bundled before it runs (`bundle.ts`): the specs are published
 * as modules without file extensions, which Node does not load.
 */
import * as tf from '@tensorflow/tfjs-core'
import { setTestEnvs, setupTestFilters } from '@tensorflow/tfjs-core/dist/jasmine_util.js'
import type { SpecFailure, SpecTrace, SuiteAnswer, SuiteTask } from './protocol.ts'

/** What is used of jasmine's runner, which publishes no types. */
interface Runner {
  loadConfig(config: object): void
  clearReporters(): void
  addReporter(reporter: object): void
  execute(): Promise<unknown>
  exitOnCompletion: boolean
}

interface SpecResult {
  readonly fullName: string
  readonly status: string
  readonly failedExpectations: readonly { readonly message: string }[]
}

/** Waits for one task from the parent, runs the specs and answers. `register` makes the backend known, or says why not. */
export function serve(register: () => unknown): void {
  process.once('message', async (task: SuiteTask) => {
    const reason = await register()
    if (typeof reason === 'string') throw new Error(reason)
    process.send!(await answer(task), () => process.disconnect())
  })
}

async function answer(task: SuiteTask): Promise<SuiteAnswer> {
  switch (task.kind) {
    case 'kernels':
      return {
        kind: 'kernels',
        kernels: tf.getKernelsForBackend(task.backend).map(({ kernelName }) => kernelName),
      }
    case 'record':
      return record()
    case 'run':
      return run(task)
  }
}

async function record(): Promise<SuiteAnswer> {
  const traces: Record<string, SpecTrace> = {}
  const tracer = traceKernels('cpu')
  await runSpecs('cpu', () => true, {
    specStarted: () => tracer.start(),
    specDone: ({ fullName }: SpecResult) => {
      traces[fullName] = tracer.stop()
    },
  })
  return { kind: 'record', traces }
}

async function run({ backend, specs }: SuiteTask & { kind: 'run' }): Promise<SuiteAnswer> {
  const chosen = new Set(specs)
  readFloat32(backend)
  const failures: SpecFailure[] = []
  let passed = 0
  let pending = 0
  await runSpecs(backend, (name) => chosen.has(name), {
    specDone: ({ fullName, status, failedExpectations }: SpecResult) => {
      if (status === 'passed') passed++
      else if (status === 'pending') pending++
      else if (status === 'failed') {
        failures.push({ name: fullName, message: failedExpectations[0]?.message ?? 'no message' })
      }
    },
  })
  return { kind: 'run', passed, pending, failures }
}

async function runSpecs(
  backendName: string,
  include: (name: string) => boolean,
  reporter: object,
): Promise<void> {
  const Jasmine = require('jasmine') as new () => Runner
  const runner = new Jasmine()
  runner.exitOnCompletion = false
  // some of tfjs's specs share a name
  runner.loadConfig({ env: { random: false, forbidDuplicateNames: false } })
  runner.clearReporters()
  runner.addReporter(reporter)
  // one name for every backend, since it becomes part of each spec's name
  setTestEnvs([{ name: 'conformance', backendName, isDataSync: true }])
  setupTestFilters([], include)
  require('@tensorflow/tfjs-core/dist/tests.js')
  await runner.execute()
}

/** The specs tell arrays apart by their class and know no float64, which `ref64` hands out. */
function readFloat32(backendName: string): void {
  const make = tf.findBackendFactory(backendName) as () => tf.KernelBackend
  const narrow = (values: tf.backend_util.BackendValues) =>
    (values as unknown) instanceof Float64Array ? Float32Array.from(values as ArrayLike<number>) : values
  tf.removeBackend(backendName)
  tf.registerBackend(backendName, () => {
    const backend = make()
    const { read, readSync } = backend
    backend.read = async (id) => narrow(await read.call(backend, id))
    backend.readSync = (id) => narrow(readSync.call(backend, id))
    return backend
  })
}

/** Notes the kernels and dtypes that pass through a backend between `start` and `stop`. */
function traceKernels(backendName: string): { start(): void; stop(): SpecTrace } {
  let kernels = new Set<string>()
  let plainDtypes = true
  const look = (tensors: readonly (tf.TensorInfo | undefined)[]) => {
    if (tensors.some((x) => x?.dtype === 'complex64' || x?.dtype === 'string')) plainDtypes = false
  }
  for (const config of tf.getKernelsForBackend(backendName)) {
    const { kernelName, kernelFunc } = config
    config.kernelFunc = (call) => {
      kernels.add(kernelName)
      look(Object.values(call.inputs))
      const outputs = kernelFunc(call)
      look(Array.isArray(outputs) ? outputs : [outputs])
      return outputs
    }
  }
  return {
    start() {
      kernels = new Set()
      plainDtypes = true
    },
    stop: () => ({ kernels: [...kernels], plainDtypes }),
  }
}
