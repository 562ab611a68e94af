import type { GradConfig } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { zeros } from './kernels.ts'

/** Kernels whose derivative is zero wherever it exists; with a zero instead of none, `where(less(x, y), …)` trains. */
export const piecewiseConstant: readonly GradConfig[] = [
  ...['Ceil', 'Floor', 'IsFinite', 'IsInf', 'IsNan', 'LogicalNot', 'Round', 'Sign', 'Step'].map(sameShape),
  ...['OnesLike', 'ZerosLike'].map(sameShape),
  ...['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'NotEqual'].map(ofTwo),
  ...['FloorDiv', 'LogicalAnd', 'LogicalOr'].map(ofTwo),
  ...['All', 'Any', 'ArgMax', 'ArgMin'].map(ofOne),
  defineGradient({
    kernel: 'OneHot',
    saves: ['indices'],
    gradient: ({ indices }) => ({ indices: () => zeros(indices.shape) }),
  }),
]

function sameShape(kernel: string): GradConfig {
  return defineGradient({ kernel, gradient: ({ dy }) => ({ x: () => zeros(dy.shape) }) })
}

function ofOne(kernel: string): GradConfig {
  return defineGradient({ kernel, saves: ['x'], gradient: ({ x }) => ({ x: () => zeros(x.shape) }) })
}

function ofTwo(kernel: string): GradConfig {
  return defineGradient({
    kernel,
    saves: ['a', 'b'],
    gradient: ({ a, b }) => ({ a: () => zeros(a.shape), b: () => zeros(b.shape) }),
  })
}
