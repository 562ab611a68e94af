import { registerRef } from '@limbeck/backend-ref'
import { BackendError, tf } from '@limbeck/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { NativeBackend, registerNative } from '../src/index.ts'
import { recordingAddon } from './recording-addon.ts'

const addon = recordingAddon()
registerNative({ name: 'recorded', addon, priority: 0 })

const kernelsOf = () => addon.launches.map(({ kernel }) => kernel)
const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => i)

beforeEach(async () => {
  await tf.setBackend('recorded')
  tf.disposeVariables()
  addon.launches.length = 0
  addon.uploads.length = 0
  ;(tf.backend() as NativeBackend).resetStats()
})

const stats = () => (tf.backend() as NativeBackend).stats

/** Runs in a scope whose end must free every buffer that was made in it. */
function leaksNothing(run: () => void): void {
  const before = addon.buffers.size
  tf.engine().startScope()
  try {
    run()
  } finally {
    tf.engine().endScope()
  }
  expect(addon.buffers.size).toBe(before)
}

describe('data', () => {
  it('of one element is filled in, not uploaded', () => {
    leaksNothing(() => {
      tf.add(tf.scalar(0.1), tf.cast(tf.tensor1d([7], 'int32'), 'float32'))
      expect(addon.uploads).toEqual([])
      expect(kernelsOf()).toEqual(['fill', 'cast', 'fill', 'binary'])
      expect(addon.launches[2]!.reals).toEqual({ value: Math.fround(0.1) })
      expect(stats()).toMatchObject({ uploads: 0, readbacks: 0, launches: 2 })
    })
  })

  it('of small arrays waits on the host for a kernel, that of large ones does not', () => {
    leaksNothing(() => {
      const small = tf.tensor1d([1, 2, 3])
      expect(addon.buffers.size).toBe(0)
      expect([...small.dataSync()]).toEqual([1, 2, 3])
      tf.relu(small)
      expect(addon.uploads).toEqual([Float32Array.of(1, 2, 3)])
      tf.tensor1d(ramp(2000))
      expect(addon.uploads).toHaveLength(2)
      expect(stats()).toMatchObject({ uploads: 2, uploadBytes: 12 + 8000, readbacks: 1 })
    })
  })

  it('shares memory neither with the array given nor with the array read', () => {
    const given = Float32Array.of(1, 2)
    const x = tf.tensor1d(given)
    given[0] = 9
    x.dataSync()[1] = 9
    expect([...x.dataSync()]).toEqual([1, 2])
    x.dispose()
  })

  it('without elements is never on the device', () => {
    leaksNothing(() => {
      const x = tf.zeros([0, 3])
      expect([...tf.relu(x).dataSync()]).toEqual([])
      expect(addon.launches).toEqual([])
      tf.sum(x, 0)
      expect(addon.launches[0]).toMatchObject({ kernel: 'reduce', ints: { outer: 1, length: 0, inner: 3 } })
      expect(addon.launches[0]!.buffers[0]).toBe(0)
    })
  })

  it('is one for all views and is freed with the last', () => {
    leaksNothing(() => {
      const x = tf.fill([2, 3], 1)
      const y = tf.reshape(x, [3, 2])
      expect(addon.buffers.size).toBe(1)
      x.dispose()
      expect([...y.dataSync()]).toEqual([1, 1, 1, 1, 1, 1])
    })
  })

  it('comes from another backend as an upload', async () => {
    registerRef()
    await tf.setBackend('ref')
    const x = tf.tensor1d(ramp(5))
    await tf.setBackend('recorded')
    const y = tf.relu(x)
    expect(stats().uploads).toBe(1)
    y.dispose()
    x.dispose()
  })

  it('lies on a device that describes itself', () => {
    expect((tf.backend() as NativeBackend).describe()).toEqual([['device', 'recording']])
  })

  it('is read without waiting', async () => {
    const x = tf.fill([3], 2)
    expect([...(await x.data())]).toEqual([2, 2, 2])
    x.dispose()
  })
})

describe('errors', () => {
  it('of the device name the kernel and its shapes', () => {
    const x = tf.fill([2, 4], 1)
    const reps = [1, 2 ** 27]
    expect(() => tf.tile(x, reps)).toThrow(
      /^Tile: 1 GiB in use; held by Fill 0\.0 MiB in 1\n {2}received x float32 \[2, 4\]$/,
    )
    expect(() => tf.tile(x, reps)).toThrow(BackendError)
    const { liveBytes } = stats()
    expect(() => tf.tile(x, reps)).toThrow(BackendError)
    expect(stats().liveBytes).toBe(liveBytes)
    x.dispose()
  })

  it('of memory leave data where it was', () => {
    const own = recordingAddon()
    let failing: keyof typeof own | undefined
    const fails = (name: 'allocate' | 'upload' | 'launch') => {
      const works = own[name].bind(own) as (...rest: never[]) => unknown
      return (...rest: never[]) => {
        if (failing === name) throw Object.assign(new Error('none left'), { code: 'out-of-memory' })
        return works(...rest)
      }
    }
    const overridden = { allocate: fails('allocate'), upload: fails('upload'), launch: fails('launch') }
    const backend = new NativeBackend({ ...own, ...overridden } as typeof own)
    const write = (values: Float32Array) => ({
      dataId: backend.write(values, [values.length], 'float32'),
      shape: [values.length],
      dtype: 'float32' as const,
    })
    const number = write(Float32Array.of(7))
    const small = write(Float32Array.of(1, 2, 3))
    const y = backend.empty([3], 'float32')
    const launch = () => backend.run('addN', [number, small, y], { tensors: 2, counts: [3] })
    for (failing of ['allocate', 'upload', 'launch'] as const) expect(launch).toThrow('none left')
    for (failing of ['allocate', 'upload'] as const) expect(() => write(ramp(2000))).toThrow('none left')
    expect(backend.numDataIds()).toBe(3)
    failing = undefined
    launch()
    expect([...backend.readSync(number.dataId)]).toEqual([7])
    expect([...backend.readSync(small.dataId)]).toEqual([1, 2, 3])
    for (const { dataId } of [number, small, y]) backend.disposeData(dataId)
    expect(own.buffers.size).toBe(0)
  })

  it('leave no buffer behind', () => {
    leaksNothing(() => {
      const x = tf.tensor2d([1, 2], [2, 1], 'int32')
      expect(() =>
        tf.engine().runKernel('_FusedMatMul', { a: x, b: tf.transpose(x) } as never, {
          transposeA: false,
          transposeB: false,
          activation: 'mish',
        }),
      ).toThrow('no activation "mish"')
    })
  })

  it('let go of what the kernel looked at', () => {
    leaksNothing(() => {
      const [x, filter] = [tf.fill([1, 4, 4, 2], 1), tf.fill([1, 1, 2, 3], 1)] as [tf.Tensor4D, tf.Tensor4D]
      const launch = vi.spyOn(addon, 'launch').mockImplementationOnce(() => {
        throw Object.assign(new Error('no memory'), { code: 'out-of-memory' })
      })
      expect(() => tf.conv2d(x, filter, 1, 'same')).toThrow('Conv2D: no memory; held by')
      launch.mockRestore()
    })
  })

  it('name a tensor that was disposed', () => {
    const x = tf.tensor1d([1, 2])
    const { dataId, shape, dtype } = x
    x.dispose()
    expect(() => tf.engine().backend.readSync(dataId)).toThrow('used after it was disposed')
    expect(() =>
      (tf.backend() as NativeBackend).run(
        'lerp',
        { target: { dataId, shape, dtype }, source: x },
        { count: 2 },
        { rate: 1, scale: 1 },
      ),
    ).toThrow(BackendError)
  })

  it('refuse what the device does not hold', () => {
    expect(() => tf.tensor1d(['a'])).toThrow('hold no string tensors')
  })

  it('tell an addon that was built from other sources', () => {
    const other = recordingAddon()
    const kernels = other.kernels.map((kernel) =>
      kernel.name === 'conv2d' ? { ...kernel, ints: 15 } : kernel,
    )
    expect(() => new NativeBackend({ ...other, kernels })).toThrow('build the addon again')
  })

  it('tell an operation that the addon lacks', () => {
    leaksNothing(() => {
      expect(() => tf.erf(tf.fill([3], 1))).toThrow('no elementwise operation "erf"')
    })
  })

  it('come before a launch that the block of arguments has no room for', () => {
    const inputs = Array.from({ length: 65 }, () => tf.scalar(1))
    expect(() =>
      tf
        .engine()
        .runKernel('SegGlobalNorm', Object.fromEntries(inputs.map((g, k) => [`g${k}`, g])) as never, {
          count: 65,
        }),
    ).toThrow('more than the addon has room for')
    for (const x of inputs) x.dispose()
  })

  it('show in indices that the host still has', () => {
    leaksNothing(() => {
      const x = tf.fill([3, 2], 1)
      expect(() => tf.gather(x, tf.tensor1d([0, 3], 'int32'))).toThrow('the index value 3 is not in [0, 2]')
      expect(() => tf.gatherND(x, tf.tensor2d([[3]], [1, 1], 'int32'))).toThrow('does not index into 3,2')
    })
  })
})

describe('after dispose', () => {
  it('a backend holds no memory and takes no data', () => {
    const own = recordingAddon()
    registerNative({ name: 'short-lived', addon: own, priority: 0 })
    const backend = tf.findBackendFactory('short-lived')!() as NativeBackend
    backend.fill(backend.empty([3], 'float32'), 1)
    backend.dispose()
    expect(own.buffers.size).toBe(0)
    expect(() => backend.empty([3], 'float32')).toThrow('the backend was disposed')
    tf.removeBackend('short-lived')
  })
})
