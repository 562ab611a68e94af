import { Random, tf } from '@limbeck/core'
import { Fill, fcParameters, kernelSpecs, runKernel, seed, toTensors, worstExcess } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { registerRef } from '../src/register.ts'
import { definitions } from './definitions.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

/** Both sides are float64; they add up in different orders. */
const ROUNDING = 1e-11

test.each(Object.entries(definitions))('%s is what its formula says', (kernel, define) => {
  const spec = kernelSpecs.find((one) => one.kernel === kernel)!
  const fillings = fc.constantFrom('integers' as const, 'normal' as const)
  const property = fc.property(spec.cases, fillings, seed(), (shapes, filling, dataSeed) => {
    const call = spec.call(shapes, new Fill(filling, new Random(dataSeed)))
    const expected = define(call)
    tf.tidy(() => {
      const outputs = runKernel(kernel, toTensors(call), call.attrs)
      expect(outputs.length).toBe(expected.length)
      for (const [i, output] of outputs.entries()) {
        const size = Math.max(1, ...expected[i]!.map(Math.abs))
        expect(worstExcess(output.dataSync(), expected[i]!, ROUNDING * size)).toBeUndefined()
      }
    })
  })
  fc.assert(property, fcParameters({ runs: 30 }))
})
