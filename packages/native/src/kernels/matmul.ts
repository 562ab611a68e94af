import type { TensorInfo } from '@limbeck/core'
import {
  broadcast,
  type FusedActivation,
  type MatMulAttrs,
  type MatMulGeometry,
  matMulGeometry,
  mergeAxes,
} from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { combine } from './binary.ts'
import { converted } from './cast.ts'
import { activated } from './fused-activation.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** A stack of matrices, `stride` elements apart. */
interface Stack {
  readonly x: TensorInfo
  readonly stride: number
}

/** op(a) · op(b) in float32, batch axes broadcast. */
export function product(
  backend: NativeBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatMulAttrs,
): TensorInfo {
  const geometry = matMulGeometry(a, b, { transposeA, transposeB })
  const [left, right] = stacks(
    backend,
    converted(backend, a, 'float32'),
    converted(backend, b, 'float32'),
    geometry,
  )
  const y = backend.empty(geometry.shape, 'float32')
  backend.run(
    'matmul',
    { a: left.x, b: right.x, y },
    {
      batch: geometry.batch.reduce((count, length) => count * length, 1),
      m: geometry.rows,
      n: geometry.columns,
      k: geometry.depth,
      transposeA,
      transposeB,
      aBatchStride: left.stride,
      bBatchStride: right.stride,
    },
  )
  return y
}

/** Both operands with one stride from matrix to matrix: where several axes broadcast in turn, copies are made. */
function stacks(
  backend: NativeBackend,
  a: TensorInfo,
  b: TensorInfo,
  geometry: MatMulGeometry,
): [Stack, Stack] {
  const { batch, batchStridesA, batchStridesB } = geometry
  const { shape, strides } = mergeAxes({ shape: batch, strides: [batchStridesA, batchStridesB] })
  if (shape.length <= 1) {
    return [
      { x: a, stride: strides[0]![0] ?? 0 },
      { x: b, stride: strides[1]![0] ?? 0 },
    ]
  }
  const whole = (x: TensorInfo): Stack => {
    const matrix = x.shape.slice(-2) as [number, number]
    return { x: broadcast(backend, x, [...batch, ...matrix]), stride: matrix[0] * matrix[1] }
  }
  return [whole(a), whole(b)]
}

const batchMatMul: NativeKernel<Inputs<'a' | 'b'>, MatMulAttrs> = ({ a, b }, attrs, backend) =>
  converted(backend, product(backend, a, b, attrs), a.dtype)

type FusedInputs = Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>
type FusedAttrs = MatMulAttrs & Omit<FusedActivation, 'preluActivationWeights'>

const fusedMatMul: NativeKernel<FusedInputs, FusedAttrs> = (inputs, attrs, backend) => {
  const { a, b, bias, preluActivationWeights } = inputs
  const sums = product(backend, a, b, attrs)
  const biased = bias ? combine(backend, 'add', sums, bias, 'float32') : sums
  return converted(backend, activated(backend, biased, { ...attrs, preluActivationWeights }), a.dtype)
}

export const matmulKernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul } satisfies KernelTable
