import { Random, tf } from '@limbeck/core'
import fc from 'fast-check'
import { beforeAll, describe, test } from 'vitest'
import { seed } from './arbitraries/tensor-case.ts'
import { fcParameters } from './fc-parameters.ts'
import { type Comparison, compareGradients, compareKernel } from './kernels/compare-kernel.ts'
import { Fill, type Filling } from './kernels/fill.ts'
import { kernelSpecs } from './kernels/index.ts'
import type { KernelCall, KernelSpec } from './kernels/kernel-spec.ts'

export interface DescribeConformanceOptions extends Omit<Comparison, 'backend'> {
  /** Why nothing can run here (`no CUDA device`); shown in the name of every test. */
  readonly skip?: string | undefined
  /** Kernels that are left out, each with the reason, which is shown in the name of its test. */
  readonly except?: Readonly<Record<string, string>>
  /** Which kernels; all when left out. */
  readonly only?: (kernel: string) => boolean
  /** Cases of each kernel and regime. Default 10; `LIMBECK_FC_RUNS` wins. */
  readonly runs?: number
}

/** Tests of values by name, with the fillings that each draws from. */
const valueTests: Readonly<Record<string, readonly Filling[]>> = {
  'small integers': ['integers'],
  reals: ['normal', 'wide-range', 'constant', 'extreme-logits'],
}

/**
 * Declares vitest tests that hold every kernel of the contract against the reference: ours (part B), tfjs's (parts A
 * and A+) and those of teachers. Shapes are drawn small, odd, ragged, of one pixel, and without elements where that
 * means something. Sums of small integers must agree bit for bit, which finds every dropped or shifted term; reals
 * within the bound that the kernel's arithmetic implies; NaN and infinities in the same places; gradients to 1024
 * roundings.
 *
 * Both backends must be registered. A kernel that the backend lacks is a skipped test whose name says so.
 *
 * ```ts
 * import { registerRef } from '@limbeck/backend-ref'
 * import { describeConformance } from '@limbeck/testing/vitest'
 * import { registerMine } from './register.ts'
 *
 * registerRef()
 * describeConformance('mine', { skip: registerMine() })
 * ```
 */
export function describeConformance(
  backend: string,
  { skip, except = {}, only = () => true, runs = 10, ...comparison }: DescribeConformanceOptions = {},
): void {
  describe(`kernels of ${backend}`, () => {
    beforeAll(async () => {
      if (skip === undefined) await tf.setBackend(backend)
    })
    for (const spec of kernelSpecs.filter(({ kernel }) => only(kernel))) {
      const reason = skip ?? except[spec.kernel] ?? lacks(backend, spec.kernel)
      if (reason !== undefined) {
        test.skip(`${spec.kernel} (skipped: ${reason})`)
        continue
      }
      describe(spec.kernel, () => declare(spec, { backend, ...comparison }, runs))
    }
  })
}

function declare(spec: KernelSpec, comparison: Comparison, runs: number): void {
  const values = (fillings: readonly Filling[]) => () =>
    hold(spec, runs, fillings, (call, filling) => compareKernel(spec, call, filling, comparison))
  for (const [name, fillings] of Object.entries(valueTests)) test(name, values(fillings))
  if (spec.specials !== false) test('NaN and infinities', values(['special']))
  if (!spec.differentiable) return
  test('gradients', () => hold(spec, runs, ['distinct'], (call) => compareGradients(spec, call, comparison)))
}

function hold(
  spec: KernelSpec,
  runs: number,
  fillings: readonly Filling[],
  compare: (call: KernelCall, filling: Filling) => string | undefined,
): void {
  const property = fc.property(
    spec.cases,
    fc.constantFrom(...fillings),
    seed(),
    (shapes, filling, dataSeed) => {
      const problem = compare(spec.call(shapes, new Fill(filling, new Random(dataSeed))), filling)
      if (problem) throw new Error(`${spec.kernel}: ${problem}`)
    },
  )
  fc.assert(property, fcParameters({ runs }))
}

function lacks(backend: string, kernel: string): string | undefined {
  return tf.getKernel(kernel, backend) ? undefined : 'not implemented'
}
