/** Which maps a device with bfloat16 stores in two bytes, and how kernels that cannot take them get them. */
import { type Tensor, type Tensor4D, tf } from '@limbeck/core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NativeBackend, registerNative } from '../src/index.ts'
import { narrowForms, nativeKernels, outputCounts } from '../src/native-kernels.ts'
import { policedKernels, storesNarrow } from '../src/storage-policy.ts'
import { recordingAddon } from './recording-addon.ts'

const addon = recordingAddon({ bfloat16: true })

beforeAll(async () => {
  registerNative({ name: 'narrow', addon, priority: 0 })
  await tf.setBackend('narrow')
})
beforeEach(() => {
  tf.engine().startScope()
})
afterEach(() => {
  tf.engine().endScope()
  expect(addon.buffers.size).toBe(0)
  expect(stats().liveBytes).toBe(0)
})

const stats = () => (tf.backend() as NativeBackend).stats
const launches = () => addon.launches.map(({ kernel, narrow }) => [kernel, narrow])

type Shape = Tensor4D['shape']
const map: Shape = [1, 2, 2, 4]
const wide = (shape: Shape = map): Tensor4D => tf.fill(shape, 1)
/** A map as a convolution makes it. */
const narrow = (): Tensor4D => tf.conv2d(wide(), wide([1, 1, 4, 4]), 1, 'same')

/** Bytes of an element of what is made, and launches by which. */
function made(make: () => Tensor): { readonly bytes: number; readonly by: unknown[] } {
  const { liveBytes } = stats()
  addon.launches.length = 0
  const y = tf.tidy(make)
  return { bytes: (stats().liveBytes - liveBytes) / y.size, by: launches() }
}

describe('on a device with bfloat16', () => {
  it('convolutions and their input gradients make narrow maps, filter gradients do not', () => {
    const [x, filter] = [wide(), wide([3, 3, 4, 4])]
    const attrs = { strides: [1, 1], pad: [1, 1, 1, 1], dilations: [1, 1], groups: 1 }
    const run = (kernel: string, inputs: object, more: object = {}) =>
      made(() => tf.engine().runKernel(kernel, inputs as never, { ...attrs, ...more } as never) as Tensor)
    expect(run('SegConv2D', { x, filter })).toEqual({ bytes: 2, by: [['conv2d', 0b1000]] })
    expect(run('SegConv2DGradInput', { dy: x, filter }, { inputShape: map })).toEqual({
      bytes: 2,
      by: [['conv2dGradInput', 0b100]],
    })
    const maps = { x: narrow(), dy: narrow() }
    expect(run('SegConv2DGradFilter', maps, { filterShape: filter.shape })).toEqual({
      bytes: 4,
      by: [['conv2dGradFilter', 0b11]],
    })
  })

  it('maps stay narrow through kernels that read no wide map', () => {
    const x = narrow()
    expect(made(() => tf.relu(x))).toEqual({ bytes: 2, by: [['unary', 0b11]] })
    expect(made(() => tf.transpose(x, [0, 3, 1, 2])).bytes).toBe(2)
    expect(made(() => tf.concat([x, x], 3))).toEqual({
      bytes: 2,
      by: [
        ['copy', 0b11],
        ['copy', 0b11],
      ],
    })
    expect(
      made(() =>
        tf.pad(x, [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]),
      ),
    ).toEqual({
      bytes: 2,
      by: [
        ['fill', 0b1],
        ['copy', 0b11],
      ],
    })
    expect(made(() => tf.relu(wide())).bytes).toBe(4)
  })

  it('what reads a wide map beside narrow ones makes a wide one, of all their values', () => {
    const [x, y] = [narrow(), wide()]
    const filled = tf.zerosLike(x)
    const sum = made(() => tf.concat([filled, y], 3))
    expect(sum).toEqual({
      bytes: 4,
      by: [
        ['cast', 0b1],
        ['copy', 0],
        ['copy', 0],
      ],
    })
    expect([...tf.concat([filled, y], 3).dataSync()].slice(0, 8)).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('a list is narrow as a whole, or not at all', () => {
    const [x, y] = [narrow(), wide()]
    expect(made(() => tf.addN([x, x, x]))).toEqual({ bytes: 2, by: [['addN', 2 ** 32 - 1]] })
    const by = [
      ['cast', 0b1],
      ['addN', 0],
    ]
    expect(made(() => tf.addN([x, y]))).toEqual({ bytes: 4, by })
  })

  it('tensors of other ranks, and reductions, are wide', () => {
    const x = narrow()
    expect(made(() => tf.slice(tf.reshape(x, [4, 4]), [0, 0], [2, 2])).bytes).toBe(4)
    expect(made(() => tf.sum(x, [1, 2], true)).bytes).toBe(4)
    expect(made(() => tf.softmax(x)).bytes).toBe(4)
  })

  it('a view has the storage of its tensor, and is read as float32', async () => {
    const x = tf.onesLike(narrow())
    const { liveBytes } = stats()
    const y = tf.reshape(x, [4, 4])
    expect(stats().liveBytes).toBe(liveBytes)
    expect(y.dataSync()).toEqual(new Float32Array(16).fill(1))
    expect(await y.data()).toEqual(new Float32Array(16).fill(1))
  })

  it('a kernel without a narrow form gets widened inputs, which are freed with it', () => {
    const x = narrow()
    const { liveBytes } = stats()
    stats().peakBytes = liveBytes
    addon.launches.length = 0
    const y = tf.cumsum(x, 1)
    expect(launches()).toEqual([
      ['cast', 0b1],
      ['cumulate', 0],
    ])
    expect(stats().liveBytes - liveBytes).toBe(4 * y.size)
    expect(stats().peakBytes - liveBytes).toBe(8 * y.size)
  })

  it('what is updated in place is wide from then on', () => {
    const target = tf.onesLike(narrow())
    const source = tf.onesLike(target)
    const { liveBytes } = stats()
    addon.launches.length = 0
    tf.engine().runKernel('SegLerp', { target, source }, { rate: 0.5, scale: 1 })
    expect(launches()).toEqual([
      ['cast', 0b1],
      ['cast', 0b1],
      ['lerp', 0],
    ])
    expect(stats().liveBytes - liveBytes).toBe(4 * target.size + 4) // and the token
    expect([...target.dataSync()]).toEqual(new Array(16).fill(1))
  })

  it('memory that runs out leaves maps as they were', () => {
    const x = narrow()
    const allocate = addon.allocate
    addon.allocate = () => {
      throw Object.assign(new Error('none left'), { code: 'out-of-memory' })
    }
    const { liveBytes } = stats()
    try {
      expect(() => tf.relu(x)).toThrow('none left')
      expect(() => tf.cumsum(x, 1)).toThrow('none left')
    } finally {
      addon.allocate = allocate
    }
    expect(stats().liveBytes).toBe(liveBytes)
    expect(made(() => tf.relu(x)).bytes).toBe(2)
  })

  it('a kernel that was given a disposed tensor is not named by errors after it', () => {
    const backend = tf.backend() as NativeBackend
    const gone = { dataId: {}, shape: [...map], dtype: 'float32' as const }
    expect(() => backend.launch('Relu', () => gone, { x: gone }, {})).toThrow('disposed')
    const upload = addon.upload
    addon.upload = () => {
      throw Object.assign(new Error('no way in'), { code: 'refused' })
    }
    try {
      expect(() => tf.tensor1d(new Float32Array(5000))).toThrow(/^no way in/)
    } finally {
      addon.upload = upload
    }
  })
})

describe('the policy', () => {
  it('speaks of kernels that there are, each once', () => {
    const names = tf.getKernelsForBackend('narrow').map(({ kernelName }) => kernelName)
    expect(policedKernels.filter((name) => !names.includes(name))).toEqual([])
    expect(new Set(policedKernels).size).toBe(policedKernels.length)
  })

  it('counts no tensor of one element, nor of another rank, among the maps', () => {
    const x = narrow()
    expect(made(() => tf.prelu(x, tf.fill([1, 1, 1, 1], 1)))).toMatchObject({ bytes: 2 })
    expect(made(() => tf.prelu<Tensor>(x, tf.fill([4], 1)))).toMatchObject({ bytes: 2 })
    expect(made(() => tf.prelu(x, tf.fill([1, 1, 1, 4], 1)))).toMatchObject({ bytes: 4 })
  })

  it('promotes to float32 where one map is', () => {
    expect(storesNarrow('Conv2D', ['float32'])).toBe(true)
    expect(storesNarrow('Add', ['bfloat16', 'bfloat16'])).toBe(true)
    expect(storesNarrow('Add', ['bfloat16', 'float32'])).toBe(false)
    expect(storesNarrow('Add', [])).toBe(false)
    expect(storesNarrow('Sum', ['bfloat16'])).toBe(false)
  })
})

describe('narrow forms', () => {
  it('name buffers of their kernels, each in one set, and nothing that is updated in place', () => {
    for (const [kernel, forms] of Object.entries(narrowForms)) {
      const { buffers } = nativeKernels[kernel as keyof typeof nativeKernels]
      if (forms === 'list') {
        expect(buffers).toBe('list')
        continue
      }
      const names = forms.flat()
      expect(new Set(names).size).toBe(names.length)
      expect((buffers as readonly string[]).map((name) => name.replace('?', ''))).toEqual(
        expect.arrayContaining(names),
      )
      expect(outputCounts[kernel as keyof typeof outputCounts]).not.toBe(0)
    }
  })
})

it('a device without bfloat16 stores everything in four bytes', async () => {
  const own = recordingAddon()
  registerNative({ name: 'wide', addon: own, priority: 0 })
  await tf.setBackend('wide')
  tf.tidy(() => {
    tf.relu(narrow())
    expect(own.launches.every((launch) => launch.narrow === 0)).toBe(true)
    expect(own.launches.map(({ kernel }) => kernel)).toEqual(['fill', 'fill', 'conv2d', 'unary'])
  })
  await tf.setBackend('narrow')
})
