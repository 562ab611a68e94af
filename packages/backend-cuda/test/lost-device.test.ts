import { registerRef } from '@limbeck/backend-ref'
import { tf } from '@limbeck/core'
import { afterAll, describe, expect, it } from 'vitest'
import { registerCuda } from '../src/index.ts'

// the first sorting of this process breaks off
process.env.CUEMU_FAULT = 'sortShortRows:1'
const skip = registerCuda('cuda-emulated')
registerRef()

const LOST = {
  code: 'device/lost',
  message: expect.stringMatching(
    /^the GPU is lost to this process, since a kernel before this broke off \(cudaErrorIllegalAddress, .*\); start anew with LIMBECK_CUDA_SYNC=1, which names that kernel$/,
  ),
}

describe.skipIf(skip)(`a GPU that is lost${skip ? ` (skipped: ${skip})` : ''}`, () => {
  afterAll(() => tf.setBackend('ref'))

  it('is named by every call from then on, and costs neither the process nor other backends', async () => {
    await tf.setBackend('cuda-emulated')
    const x = tf.square(tf.tensor1d([3, 1, 2]))
    const small = tf.tensor1d([1, 2])
    const sorted = tf.topk(x, 2).values

    // a read without waiting is the first that finds out
    await expect(sorted.data()).rejects.toMatchObject(LOST)
    await expect(x.data()).rejects.toMatchObject(LOST)
    expect(() => x.dataSync()).toThrow(expect.objectContaining(LOST))
    expect(() => tf.neg(x)).toThrow(expect.objectContaining(LOST))
    expect(() => tf.fill([4], 1)).toThrow(expect.objectContaining(LOST))
    expect(() => tf.tensor1d(new Float32Array(5000))).toThrow(expect.objectContaining(LOST))
    // what the host still has can be read
    expect([...small.dataSync()]).toEqual([1, 2])

    await tf.setBackend('ref')
    expect(() => tf.neg(x)).toThrow(expect.objectContaining(LOST))
    expect([...tf.neg(small).dataSync()]).toEqual([-1, -2])
    for (const tensor of [x, sorted, small]) expect(() => tensor.dispose()).not.toThrow()
    const lost = tf.findBackend('cuda-emulated')
    expect(() => lost.dispose()).not.toThrow()
  })
})
