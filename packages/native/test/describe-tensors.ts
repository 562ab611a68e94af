import { tf } from '@limbeck/core'
import { onBackend } from '@limbeck/testing'
import { describe, expect, it } from 'vitest'
import type { NativeBackend } from '../src/index.ts'

const backendOf = () => tf.backend() as NativeBackend

/** Declares tests of what goes wrong with tensors of a native backend. It and `ref` must be registered. */
export function describeTensors(
  backend: string,
  { skip }: { readonly skip?: string | undefined } = {},
): void {
  describe.skipIf(skip)(`a tensor of ${backend}${skip ? ` (skipped: ${skip})` : ''}`, () => {
    it('comes from another backend as one upload, and goes there as one read', () => {
      const values = [3, 1, 2]
      const x = onBackend('ref', () => tf.keep(tf.tensor1d(values)))
      const y = onBackend(backend, () => {
        backendOf().resetStats()
        const negative = tf.keep(tf.neg(x))
        expect(backendOf().stats).toMatchObject({ uploads: 1, uploadBytes: 12, readbacks: 0 })
        tf.neg(x).dispose() // it stays
        expect(backendOf().stats.uploads).toBe(1)
        return negative
      })
      const native = tf.findBackend(backend) as NativeBackend
      onBackend('ref', () => {
        expect([...tf.neg(y).dataSync()]).toEqual(values)
        expect(native.stats.readbacks).toBe(1)
        expect(native.refCount(y.dataId)).toBe(0)
      })
      tf.dispose([x, y])
    })

    it('is an error by name when it is used after it was disposed', () => {
      onBackend(backend, () => {
        const x = tf.fill([4], 1)
        const { dataId, shape, dtype } = x
        x.dispose()
        expect(() => tf.neg(x)).toThrow('disposed')
        const disposed = expect.objectContaining({ code: 'backend/disposed' })
        expect(() => backendOf().readSync(dataId)).toThrow(disposed)
        const y = tf.fill([4], 2)
        const stale = { dataId, shape, dtype }
        expect(() => backendOf().fill(stale, 1)).toThrow(disposed)
        expect([...y.dataSync()]).toEqual([2, 2, 2, 2])
        y.dispose()
      })
    })
  })
}
