import { type TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import { activate, type FusedActivation } from './activation.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { broadcastStrides, offsetsOf, rowsOf } from './strided.ts'
import { multiply, type Product, packColumns } from './tile-product.ts'

interface MatMulAttrs {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** A stack of products: matrices of `a` and `b` begin at `startsA` and `startsB`, batch axes broadcast. */
interface MatMulPlan {
  readonly shape: readonly number[]
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly startsA: Int32Array
  readonly startsB: Int32Array
}

function plan(a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: MatMulAttrs): MatMulPlan {
  tf.util.assert(
    a.shape.length >= 2 && b.shape.length >= 2,
    () =>
      `Error in matMul: inputs must have rank 2 or more, got ranks ${a.shape.length} and ${b.shape.length}`,
  )
  const [outerA, innerA] = a.shape.slice(-2) as [number, number]
  const [outerB, innerB] = b.shape.slice(-2) as [number, number]
  const [rows, depth] = transposeA ? [innerA, outerA] : [outerA, innerA]
  const [depthB, columns] = transposeB ? [innerB, outerB] : [outerB, innerB]
  tf.util.assert(
    depth === depthB,
    () =>
      `Error in matMul: inner shapes (${depth}) and (${depthB}) of Tensors with shapes ${a.shape} and ` +
      `${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  )
  const batchA = a.shape.slice(0, -2)
  const batchB = b.shape.slice(0, -2)
  const batch = tf.backend_util.assertAndGetBroadcastShape(batchA, batchB)
  return {
    shape: [...batch, rows, columns],
    rows,
    columns,
    depth,
    startsA: offsetsOf(batch, matrixStrides(a.shape, batch)),
    startsB: offsetsOf(batch, matrixStrides(b.shape, batch)),
  }
}

/** Steps from matrix to matrix along each axis of the broadcast batch. */
const matrixStrides = (shape: readonly number[], batch: readonly number[]): number[] => {
  const matrix = shape.at(-1)! * shape.at(-2)!
  return broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * matrix)
}

function multiplyMatrices(
  { rows, columns, depth, startsA, startsB }: MatMulPlan,
  valuesA: Values,
  valuesB: Values,
  { transposeA, transposeB }: MatMulAttrs,
  target: Values,
): void {
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
  const product = plan(a, b, attrs)
  const { info, values } = backend.allocate(product.shape, a.dtype)
  multiplyMatrices(product, backend.values(a), backend.values(b), attrs, values)
  return info
}

type FusedInputs = Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>
type FusedAttrs = MatMulAttrs & Omit<FusedActivation, 'preluActivationWeights'>

const fusedMatMul: RefKernel<FusedInputs, FusedAttrs> = (inputs, attrs, backend) => {
  const { a, b, bias, preluActivationWeights } = inputs
  const product = plan(a, b, attrs)
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
