import { tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { run, zeros } from './kernels.ts'

/** Kernels that move elements without changing how many there are. */
export const layout = [
  defineGradient({
    kernel: 'Identity',
    gradient: ({ dy }) => ({ x: () => tf.clone(dy) }),
  }),
  // a cast to integers or booleans is a step function; tfjs's own gradient passes dy through
  defineGradient({
    kernel: 'Cast',
    gradient: ({ dy, attrs: { dtype } }) => ({
      x: () => (dtype === 'float32' ? tf.clone(dy) : zeros(dy.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Reshape',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.reshape(dy, x.shape) }),
  }),
  defineGradient({
    kernel: 'ExpandDims',
    gradient: ({ dy, attrs: { dim } }) => ({
      input: () => tf.reshape(dy, dy.shape.toSpliced(dim < 0 ? dim + dy.rank : dim, 1)),
    }),
  }),
  defineGradient({
    kernel: 'Transpose',
    gradient: ({ dy, attrs: { perm } }) => ({
      x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
    }),
  }),
  defineGradient({
    kernel: 'Reverse',
    gradient: ({ dy, attrs }) => ({ x: () => run('Reverse', { x: dy }, attrs) }),
  }),
  defineGradient({
    kernel: 'SpaceToBatchND',
    gradient: ({ dy, attrs: { blockShape, paddings } }) => ({
      x: () => tf.batchToSpaceND(dy, blockShape, paddings),
    }),
  }),
  defineGradient({
    kernel: 'BatchToSpaceND',
    gradient: ({ dy, attrs: { blockShape, crops } }) => ({
      x: () => tf.spaceToBatchND(dy, blockShape, crops),
    }),
  }),
]
