import { type TensorInfo, tf } from '../tf.ts'
import { broadcastStrides } from './strides.ts'

export interface MatMulAttrs {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** A stack of matrix products whose batch axes are broadcast. */
export interface MatMulGeometry {
  /** [...batch, rows, columns] */
  readonly shape: readonly number[]
  readonly batch: readonly number[]
  readonly rows: number
  readonly columns: number
  readonly depth: number
  /** Steps from matrix to matrix of each operand along each axis of the batch, in elements. */
  readonly batchStridesA: readonly number[]
  readonly batchStridesB: readonly number[]
}

/** The geometry of `op(a) · op(b)`; throws where ranks, inner lengths or batches do not fit. */
export function matMulGeometry(
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatMulAttrs,
): MatMulGeometry {
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
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return {
    shape: [...batch, rows, columns],
    batch,
    rows,
    columns,
    depth,
    batchStridesA: matrixStrides(a.shape, batch),
    batchStridesB: matrixStrides(b.shape, batch),
  }
}

const matrixStrides = (shape: readonly number[], batch: readonly number[]): number[] => {
  const matrix = shape.at(-1)! * shape.at(-2)!
  return broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * matrix)
}
