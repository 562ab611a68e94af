import { type TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import { activate, type FusedActivation } from './activation.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { multiplyPanels, panelCount, TILE } from './panel-product.ts'
import { broadcastStrides, offsetsOf, rowLoop, rowMajorStrides } from './strided.ts'

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

function multiply(
  { rows, columns, depth, startsA, startsB }: MatMulPlan,
  a: Values,
  b: Values,
  { transposeA, transposeB }: MatMulAttrs,
  target: Values,
): void {
  const panelsA = new Float64Array(panelCount(rows) * TILE * depth)
  const panelsB = new Float64Array(panelCount(columns) * TILE * depth)
  const rowOffsets = new Int32Array(rows)
  // steps from line to line and along a line of either operand
  const [lineA, depthA] = transposeA ? [1, rows] : [depth, 1]
  const [lineB, depthB] = transposeB ? [depth, 1] : [1, columns]
  for (let matrix = 0; matrix < startsA.length; matrix++) {
    pack(a, { start: startsA[matrix]!, lines: rows, lineStep: lineA, depth, depthStep: depthA }, panelsA)
    pack(b, { start: startsB[matrix]!, lines: columns, lineStep: lineB, depth, depthStep: depthB }, panelsB)
    for (let row = 0; row < rows; row++) rowOffsets[row] = (matrix * rows + row) * columns
    multiplyPanels(panelsA, panelsB, depth, { values: target, rowOffsets, rows, columns })
  }
}

/** Packs a strided matrix as the lines of panels. */
function pack(
  source: Values,
  matrix: { start: number; lines: number; lineStep: number; depth: number; depthStep: number },
  panels: Float64Array,
): void {
  const { start, lines, lineStep, depth, depthStep } = matrix
  for (let line = 0; line < lines; line++) {
    let to = (line - (line % TILE)) * depth + (line % TILE)
    let from = start + line * lineStep
    for (let k = 0; k < depth; k++, to += TILE, from += depthStep) panels[to] = source[from]!
  }
}

const batchMatMul: RefKernel<Inputs<'a' | 'b'>, MatMulAttrs> = ({ a, b }, attrs, backend) => {
  const product = plan(a, b, attrs)
  const { info, values } = backend.allocate(product.shape, a.dtype)
  multiply(product, backend.values(a), backend.values(b), attrs, values)
  return info
}

type FusedInputs = Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>
type FusedAttrs = MatMulAttrs & Omit<FusedActivation, 'preluActivationWeights'>

const fusedMatMul: RefKernel<FusedInputs, FusedAttrs> = (inputs, attrs, backend) => {
  const { a, b, bias, preluActivationWeights } = inputs
  const product = plan(a, b, attrs)
  const sums = new Float64Array(tf.util.sizeFromShape([...product.shape]))
  multiply(product, backend.values(a), backend.values(b), attrs, sums)
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
  const loop = rowLoop(shape, rowMajorStrides(shape), broadcastStrides(bias.shape, shape))
  for (let row = 0; row < loop.rows; row++) {
    let at = loop.startsA[row]!
    let from = loop.startsB[row]!
    for (let i = 0; i < loop.length; i++, at += loop.stepA, from += loop.stepB) sums[at]! += values[from]!
  }
}

export const matmulKernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul } satisfies KernelTable
