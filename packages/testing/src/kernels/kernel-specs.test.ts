import { registerRef } from '@limbeck/backend-ref'
import { partA, partAPlus, partB, Random, teacherKernels, tf } from '@limbeck/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roundTo, UNIT_ROUNDOFF } from '../tolerance.ts'
import { compareKernel } from './compare-kernel.ts'
import { Fill, type Filling } from './fill.ts'
import { kernelSpecs } from './index.ts'
import type { KernelSpec } from './kernel-spec.ts'

/**
 * What tfjs-backend-cpu 4.22 gets wrong: height and width swapped and half pixels ignored in the gradients of
 * resizing, dilation ignored in those of convolutions (tfjs refuses them above the kernel), rounding up ignored in
 * depthwise ones, and padding counted in those of average pooling.
 */
const faultyOnCpu = [
  'AvgPoolGrad',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'ResizeBilinearGrad',
  'ResizeNearestNeighborGrad',
]

beforeAll(async () => {
  registerRef()
  await import('@tensorflow/tfjs-backend-cpu')
  await tf.setBackend('cpu')
  await tf.setBackend('ref')
})

test('every kernel of the contract is tried, once', () => {
  const tried = kernelSpecs.map(({ kernel }) => kernel)
  expect(tried.toSorted()).toEqual([...partA, ...partAPlus, ...teacherKernels, ...partB].toSorted())
})

/** Whether some call of a kernel gives another result on `backend`, or none. */
function disagrees({ kernel, cases, ...spec }: KernelSpec, backend: string): boolean {
  const random = new Random(kernel)
  return fc.sample(cases, { seed: 1, numRuns: 15 }).some((shapes) => {
    const filling = random.pick<Filling>(['integers', 'normal'])
    const call = spec.call(shapes, new Fill(filling, random))
    return compareKernel({ kernel, cases, ...spec }, call, filling, { backend }) !== undefined
  })
}

test("finds the faults of tfjs's own CPU backend, and no others", () => {
  const held = kernelSpecs.filter(({ kernel }) => tf.getKernel(kernel, 'cpu'))
  expect(held.length).toBeGreaterThan(100)
  const faulty = held.filter((spec) => disagrees(spec, 'cpu')).map(({ kernel }) => kernel)
  expect(faulty.toSorted()).toEqual(faultyOnCpu)
})

describe('a backend that keeps results as bfloat16', () => {
  const storage = UNIT_ROUNDOFF.bfloat16
  const spec = kernelSpecs.find(({ kernel }) => kernel === 'BatchMatMul')!
  const problems = (filling: Filling, comparison: { readonly storage?: number }) =>
    fc
      .sample(spec.cases, { seed: 1, numRuns: 20 })
      .map((shapes) => spec.call(shapes, new Fill(filling, new Random('bfloat16'))))
      .map((call) => compareKernel(spec, call, filling, { backend: 'bfloat16', ...comparison }))
      .filter((problem) => problem !== undefined)

  beforeAll(() => {
    tf.registerBackend('bfloat16', tf.findBackendFactory('ref') as () => tf.KernelBackend)
    const { kernelFunc, ...config } = tf.getKernel(spec.kernel, 'ref')
    tf.registerKernel({
      ...config,
      backendName: 'bfloat16',
      kernelFunc: (call) => {
        const exact = kernelFunc(call) as tf.TensorInfo
        const backend = call.backend as tf.KernelBackend
        const values = backend.readSync(exact.dataId) as Float32Array
        const rounded = values.map((value) => roundTo(storage, value))
        return { ...exact, dataId: backend.write(rounded, exact.shape, exact.dtype) }
      },
    })
  })
  afterAll(() => {
    tf.unregisterKernel(spec.kernel, 'bfloat16')
    tf.removeBackend('bfloat16')
  })

  test.each(['integers', 'normal'] as const)('agrees on %s when its storage is told', (filling) => {
    expect(problems(filling, { storage })).toEqual([])
  })

  test.each(['integers', 'normal'] as const)('disagrees on %s when it is not', (filling) => {
    expect(problems(filling, {})).not.toEqual([])
  })
})
