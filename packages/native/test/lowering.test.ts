import { registerRef } from '@limbeck/backend-ref'
import { partA, partAPlus, partB, type Tensor, teacherKernels, tf } from '@limbeck/core'
import { onBackend } from '@limbeck/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerNative } from '../src/index.ts'
import { recordingAddon } from './recording-addon.ts'

const addon = recordingAddon()

beforeAll(async () => {
  registerRef()
  registerNative({ name: 'recorded', addon, priority: 0 })
  await tf.setBackend('recorded')
  tf.engine().startScope()
})

beforeEach(() => {
  addon.launches.length = 0
})

const ones = (...shape: number[]): Tensor => {
  const x = tf.fill(shape, 1)
  addon.launches.length = 0
  return x
}
const launches = () => addon.launches.map(({ kernel, ints }) => ({ kernel, ...ints }))

it('every kernel of the reference is there, and of the contract', () => {
  const names = (backend: string) =>
    tf
      .getKernelsForBackend(backend)
      .map(({ kernelName }) => kernelName)
      .sort()
  expect(names('recorded')).toEqual(names('ref'))
  const contract = [...partA, ...partAPlus, ...teacherKernels, ...partB]
  expect(contract.filter((name) => !names('recorded').includes(name))).toEqual([])
})

describe('a reduction', () => {
  const extents = (x: Tensor, axes: number[]) => {
    tf.sum(x, axes)
    return launches().map(({ kernel, ...ints }) => {
      const { outer, length, inner } = ints as Record<string, unknown>
      return kernel === 'reduce' ? [outer, length, inner] : kernel
    })
  }
  it.each([
    [[0, 1, 2], [[1, 24, 5]]],
    [[1, 2], [[2, 12, 5]]],
    [[3], [[24, 5, 1]]],
    [[0, 1, 2, 3], [[1, 120, 1]]],
    [
      [0, 3],
      ['copy', [12, 10, 1]],
    ],
  ])('over axes %j of [2, 3, 4, 5] is one launch where they adjoin', (axes, expected) => {
    expect(extents(ones(2, 3, 4, 5), axes)).toEqual(expected)
  })
  it('takes axes of length 1 as they come', () => {
    expect(extents(ones(2, 1, 4, 1), [0, 2, 3])).toEqual([[1, 8, 1]])
    expect(extents(ones(1, 3), [0])).toEqual([[1, 1, 3]])
  })
})

describe('broadcasting', () => {
  it('merges axes, so that equal shapes have rank 1', () => {
    tf.add(ones(2, 3, 4), ones(2, 3, 4))
    expect(launches()[0]).toMatchObject({ rank: 1, shape: [24, 1, 1, 1, 1, 1, 1, 1] })
  })
  it('repeats by strides of 0', () => {
    const [map, channels] = [ones(2, 3, 4, 5), ones(5)]
    tf.add(map, channels)
    const [launch] = launches() as unknown as Record<string, number[]>[]
    expect(launch).toMatchObject({ rank: 2, shape: [24, 5, 1, 1, 1, 1, 1, 1] })
    expect(launch!.aStrides!.slice(0, 2)).toEqual([5, 1])
    expect(launch!.bStrides!.slice(0, 2)).toEqual([0, 1])
  })
})

describe('a matrix product', () => {
  it('repeats a matrix by a stride of 0', () => {
    tf.matMul(ones(2, 3, 4, 5), ones(1, 1, 5, 6))
    expect(launches()).toMatchObject([
      { kernel: 'matmul', batch: 6, m: 4, n: 6, k: 5, aBatchStride: 20, bBatchStride: 0 },
    ])
  })
  it('copies where both sides repeat along different axes', () => {
    tf.matMul(ones(2, 1, 4, 5), ones(1, 3, 5, 6))
    expect(launches()).toMatchObject([
      { kernel: 'copy' },
      { kernel: 'copy' },
      { kernel: 'matmul', batch: 6, aBatchStride: 20, bBatchStride: 30 },
    ])
  })
})

describe('a copy', () => {
  const agrees = (run: () => Tensor) => {
    const expected = onBackend('ref', () => [...run().dataSync()])
    expect(onBackend('recorded', () => [...run().dataSync()])).toEqual(expected)
  }
  const counted = (...shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
      shape,
    )
  it('of more axes than the device takes is several', () => {
    agrees(() => tf.tile(counted(2, 2, 2, 2, 2, 2), [2, 2, 2, 2, 2, 2]))
    const copies = addon.launches.filter(({ kernel }) => kernel === 'copy')
    expect(copies).toHaveLength(16)
    expect(copies[0]!.ints.rank).toBe(8)
  })
  it.each<[string, () => Tensor]>([
    ['Reverse', () => tf.reverse(counted(2, 3, 4), [0, 2])],
    [
      'MirrorPad',
      () =>
        tf.mirrorPad(
          counted(3, 4),
          [
            [2, 1],
            [0, 3],
          ],
          'reflect',
        ),
    ],
    [
      'PadV2',
      () =>
        tf.pad(
          counted(3, 4),
          [
            [2, 1],
            [0, 3],
          ],
          7,
        ),
    ],
    ['StridedSlice', () => tf.stridedSlice(counted(5, 6), [4, 0], [0, 6], [-2, 2])],
    ['Concat', () => tf.concat([counted(2, 3), counted(2, 1), counted(2, 2)], 1)],
    ['SplitV', () => tf.split(counted(2, 6), [1, 3, 2], 1)[1]!],
    [
      'SpaceToBatchND',
      () =>
        tf.spaceToBatchND(
          counted(1, 3, 4, 1),
          [2, 2],
          [
            [1, 0],
            [0, 0],
          ],
        ),
    ],
  ])('makes %s', (_name, run) => agrees(run))
})

describe('integers', () => {
  it('go through float32 where an operation has no integer form', () => {
    const x = tf.fill([3], 4, 'int32')
    tf.engine().runKernel('Sqrt', { x })
    expect(launches().map(({ kernel }) => kernel)).toEqual(['fill', 'cast', 'unary'])
  })
})
