import { Random, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import { fcParameters, type GradcheckInput, gradcheck, seed, shape } from '@limbeck/testing'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { gradients } from '../../src/gradients/index.ts'
import type { Fill } from './points.ts'

/** What is checked: a function of tensors, at a point. */
export interface Check {
  readonly f: (...inputs: Tensor[]) => Tensor
  readonly inputs: readonly GradcheckInput[]
}

/** Kernels whose gradient some test states to be right. */
export const checked = new Set<string>()

/** States that the gradient of `kernel` is right in each case, and that it was this gradient that was asked. */
export function checkGradient<C>(
  kernel: string,
  cases: fc.Arbitrary<C>,
  check: (c: C, random: Random) => Check,
  runs = 8,
): void {
  checked.add(kernel)
  test(kernel, () => {
    const config = gradients.find(({ kernelName }) => kernelName === kernel)!
    const asked = vi.spyOn(config, 'gradFunc')
    const property = fc.property(cases, seed(), (c, dataSeed) => {
      const { f, inputs } = check(c, new Random(dataSeed))
      gradcheck(f, inputs)
    })
    fc.assert(property, fcParameters({ runs }))
    expect(asked).toHaveBeenCalled()
    asked.mockRestore()
  })
}

/** Scalars and small tensors. */
export const small = shape({ minRank: 0, maxRank: 3, maxLength: 3 })

/** The same for a function of one tensor of any shape. */
export const unary = (kernel: string, f: (x: Tensor) => Tensor, fill: Fill) =>
  checkGradient(
    kernel,
    small,
    (lengths, random) => ({ f: f as Check['f'], inputs: [fill(lengths, random)] }),
    5,
  )

/** Runs a kernel by name, for those that tfjs has no function for. */
export const run = (kernel: string, inputs: Record<string, Tensor | undefined>, attrs: object = {}): Tensor =>
  tf.engine().runKernel(kernel, inputs as never, attrs as never) as Tensor

/** The gradient of the sum of `f(x)`, as training computes it. */
export function gradient(f: (x: Tensor) => Tensor, x: Tensor): number[] {
  const { gradients: found } = valueAndGradients(() => ({ loss: tf.sum(f(x)) as tf.Scalar }), [x])
  return Array.from(found[0]!.dataSync())
}
