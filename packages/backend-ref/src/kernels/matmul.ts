import { type TensorInfo, tf } from '@limbeck/core'
import {
  broadcastStrides,
  type FusedActivation,
  type MatMulAttrs,
  type MatMulGeometry,
  matMulGeometry,
} from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import { activate } from './activation.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { offsetsOf, rowsOf } from './strided.ts'
import { multiply, type Product, packColumns } from './tile-product.ts'

function multiplyMatrices(
  { batch, rows, columns, depth, batchStridesA, batchStridesB }: MatMulGeometry,
  valuesA: Values,
  valuesB: Values,
  { transposeA, transposeB }: MatMulAttrs,
  target: Values,
): void {
  const startsA = offsetsOf(batch, batchStridesA)
  const startsB = offsetsOf(batch, batchStridesB)
  // steps from row to row and along a row of the left operand; along a column and from column to column of the right
  const [rowStep, stepA] = transposeA ? [1, rows] : [depth, 1]
  const [depthStep, columnStep] = transposeB ? [1, depth] : [columns, 1]
  const a = Float64Array.from(valuesA)
  const origin = Int32Array.of(0)
  for (let matrix = 0; matrix < startsA.length; matrix++) {
    const start = startsB[matrix]!
    const product: Product = {
      ...packColumns(depth, columns, (k, column) => valuesB[start + k * depthStep + column * columnStep]!),
      a,
      rowStarts: Int32Array.from({ length: rows }, (_, row) => startsA[matrix]! + row * rowStep),
      rows,
      runStartsA: origin,
      stepA,
      runStartsB: origin,
      runLength: depth,
    }
    const rowOffsets = Int32Array.from({ length: rows }, (_, row) => (matrix * rows + row) * columns)
    multiply(product, { values: target, rowOffsets })
  }
}

const batchMatMul: RefKernel<Inputs<'a' | 'b'>, MatMulAttrs> = ({ a, b }, attrs, backend) => {
  const product = matMulGeometry(a, b, attrs)
  const { info, values } = backend.allocate(product.shape, a.dtype)
  multiplyMatrices(product, backend.values(a), backend.values(b), attrs, values)
  return info
}

type FusedInputs = Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>
type FusedAttrs = MatMulAttrs & Omit<FusedActivation, 'preluActivationWeights'>

const fusedMatMul: RefKernel<FusedInputs, FusedAttrs> = (inputs, attrs, backend) => {
  const { a, b, bias, preluActivationWeights } = inputs
  const product = matMulGeometry(a, b, attrs)
  const sums = new Float64Array(tf.util.sizeFromShape([...product.shape]))
  multiplyMatrices(product, backend.values(a), backend.values(b), attrs, sums)
  if (bias) addBroadcast(backend, sums, product.shape, bias)
  const { info, values } = backend.allocate(product.shape, a.dtype)
  activate(backend, sums, product.shape, { ...attrs, preluActivationWeights }, values)
  return info
}

/** sums += bias, which has fewer axes or axes of size 1. */
function addBroadcast(
  backend: RefBackend,
  sums: Float64Array,
  shape: readonly number[],
  bias: TensorInfo,
): void {
  const values = backend.values(bias)
  const { starts, step, length } = rowsOf(shape, broadcastStrides(bias.shape, shape))
  let at = 0
  for (const start of starts) {
    for (let i = 0, from = start; i < length; i++, from += step, at++) sums[at]! += values[from]!
  }
}

export const matmulKernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul } satisfies KernelTable
