import { type Tensor, type Tensor1D, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { run, zeros } from './kernels.ts'

const { sizeFromShape } = tf.util

/** Kernels that pick elements by a condition, an index or their rank. Indices and conditions get zeros. */
export const selection = [
  defineGradient({
    kernel: 'Select',
    saves: ['condition'],
    gradient: ({ dy, condition }) => ({
      condition: () => zeros(condition.shape),
      t: () => run('Select', { condition, t: dy, e: tf.zerosLike(dy) }),
      e: () => run('Select', { condition, t: tf.zerosLike(dy), e: dy }),
    }),
  }),
  defineGradient({
    kernel: 'GatherV2',
    saves: ['x', 'indices'],
    gradient: ({ dy, x, indices, attrs: { axis, batchDims } }) => ({
      x: () => {
        const at = tf.util.parseAxisParam(axis, x.shape)[0]!
        return sumInto(x.shape, indices, dy, {
          axis: at,
          batchDims: batchDims < 0 ? batchDims + indices.rank : batchDims,
        })
      },
      indices: () => zeros(indices.shape),
    }),
  }),
  defineGradient({
    kernel: 'GatherNd',
    saves: ['params', 'indices'],
    gradient: ({ dy, params, indices }) => ({
      // as a list of points, for scatterND takes no point by itself
      params: () => {
        const depth = indices.shape.at(-1)!
        const points = tf.reshape(indices, [-1, depth])
        return tf.scatterND(points, tf.reshape(dy, [-1, ...params.shape.slice(depth)]), params.shape)
      },
      indices: () => zeros(indices.shape),
    }),
  }),
  defineGradient({
    kernel: 'ScatterNd',
    saves: ['indices'],
    gradient: ({ dy, indices }) => ({
      updates: () => tf.gatherND(dy, indices),
      indices: () => zeros(indices.shape),
    }),
  }),
  // a segment outside the range is dropped, so its elements get none
  defineGradient({
    kernel: 'UnsortedSegmentSum',
    saves: ['x', 'segmentIds'],
    gradient: ({ dy, x, segmentIds, attrs: { numSegments } }) => ({
      x: () => {
        const inRange = tf.logicalAnd(tf.greaterEqual(segmentIds, 0), tf.less(segmentIds, numSegments))
        const safe = tf.mul(segmentIds, tf.cast(inRange, 'int32'))
        const kept = [...segmentIds.shape, ...x.shape.slice(segmentIds.rank).fill(1)]
        return tf.mul(tf.gather(dy, safe), tf.reshape(tf.cast(inRange, 'float32'), kept))
      },
      segmentIds: () => zeros(segmentIds.shape),
    }),
  }),
  // values; the indices are integers and pass nothing back
  defineGradient({
    kernel: 'TopK',
    saves: ['x'],
    savesOutputs: [null, 'indices'],
    gradient: ({ dy, x, indices }) => ({
      x: () => sumInto(x.shape, indices, dy, { axis: x.rank - 1, batchDims: x.rank - 1 }),
    }),
  }),
]

interface Place {
  readonly axis: number
  readonly batchDims: number
}

/**
 * Adjoint of a gather: zeros of `shape` into which `dy` is summed at `indices` along an axis.
 *
 * With B = the batch axes, O = those between them and `axis`, D = the length of `axis`, I = the axes after it and
 * M indices per batch element: `shape` = [B,O,D,I], `indices` [B,M], `dy` [B,O,M,I].
 */
function sumInto(shape: number[], indices: Tensor, dy: Tensor, { axis, batchDims }: Place): Tensor {
  const batch = sizeFromShape(shape.slice(0, batchDims))
  const outer = sizeFromShape(shape.slice(batchDims, axis))
  const length = shape[axis]!
  const inner = sizeFromShape(shape.slice(axis + 1))
  const picked = indices.size / batch

  const ids = tf.reshape(indices, [batch, picked])
  const offsets = tf.reshape(tf.range(0, batch * length, length, 'int32'), [batch, 1])
  const segments = tf.reshape(batch === 1 ? ids : tf.add(ids, offsets), [batch * picked]) as Tensor1D
  const rows = tf.reshape(swapMiddle(dy, [batch, outer, picked, inner]), [batch * picked, outer * inner])
  const sums = tf.unsortedSegmentSum(rows, segments, batch * length)
  return tf.reshape(swapMiddle(sums, [batch, length, outer, inner]), shape)
}

/** The tensor as [B,P,Q,I], transposed to [B,Q,P,I]; nothing moves when P or Q is 1. */
function swapMiddle(x: Tensor, shape: [number, number, number, number]): Tensor {
  const [, p, q] = shape
  return p === 1 || q === 1 ? x : tf.transpose(tf.reshape(x, shape), [0, 2, 1, 3])
}
