import { BackendError, selectBackend, tf } from '@limbeck/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})
const choose = async (variable: string | undefined, request: Parameters<typeof selectBackend>[0] = {}) => {
  vi.stubEnv('LIMBECK_BACKEND', variable)
  return selectBackend(request)
}

describe('selectBackend', () => {
  it('listens to the argument, then to the variable, then to the config', async () => {
    expect(await choose('ref', { argument: 'ref64', config: 'cpu' })).toMatchObject({
      name: 'ref64',
      because: 'argument',
    })
    expect(await choose('ref', { config: 'ref64' })).toMatchObject({
      name: 'ref',
      because: 'LIMBECK_BACKEND',
    })
    expect(await choose(undefined, { config: 'ref64' })).toMatchObject({ name: 'ref64', because: 'config' })
    expect(tf.getBackend()).toBe('ref64')
  })

  it('takes any tfjs backend package by its short name', async () => {
    expect(await choose('cpu')).toMatchObject({ name: 'cpu' })
    expect(tf.getBackend()).toBe('cpu')
  })

  it('takes a package of another name that registers a backend', async () => {
    vi.doMock('@me/backend-x', () => ({
      backendName: 'x',
      register: () =>
        void (tf.findBackendFactory('x') ?? tf.registerBackend('x', tf.findBackendFactory('ref')!)),
    }))
    await choose('ref')
    expect(await choose('@me/backend-x')).toMatchObject({ name: 'x', because: 'LIMBECK_BACKEND' })
  })

  it('on its own takes the first that works, and says what it passed over and why', async () => {
    const { name, because, passedOver } = await choose(undefined)
    expect(because).toBe('auto')
    expect(['cuda', 'simd', 'ref']).toContain(name)
    for (const { reason } of passedOver) expect(reason).toMatch(/\S/)
    expect(passedOver.map((tried) => tried.name)).toEqual(['cuda', 'simd', 'ref'].slice(0, passedOver.length))
  })

  it('never falls back from a backend that was named', async () => {
    const attempt = choose('wabgpu')
    await expect(attempt).rejects.toBeInstanceOf(BackendError)
    await expect(attempt).rejects.toThrow('LIMBECK_BACKEND=wabgpu: the backend "wabgpu" cannot be used')
    await expect(attempt).rejects.toThrow('@tensorflow/tfjs-backend-wabgpu is not installed')
  })
})
