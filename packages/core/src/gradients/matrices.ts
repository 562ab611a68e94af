import { type Tensor, tf } from '../tf.ts'
import { unbroadcast } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'

/** Matrix products [..., M, K] × [..., K, N] → [..., M, N] and Einstein sums. */
export const matrices = [
  defineGradient({
    kernel: 'BatchMatMul',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b, attrs }) => {
      const { a: da, b: db } = productGradients(dy, a, b, attrs)
      return { a: da, b: db }
    },
  }),
  // tfjs sums one or two operands, without repeated labels and without an ellipsis
  defineGradient({
    kernel: 'Einsum',
    savesAll: true,
    gradient: ({ dy, all, attrs }) => {
      const [inputs, output] = attrs.equation.replaceAll(/\s/g, '').split('->') as [string, string]
      const labels = inputs.split(',')
      return all.map(
        (x, i) => () => einsumGradient(dy, output, { x, labels: labels[i]! }, other(all, labels, 1 - i)),
      )
    },
  }),
]

/** Gradients of `op(a) op(b)` with op = transposition or nothing; batch axes broadcast. */
export function productGradients(
  dy: Tensor,
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): { readonly a: () => Tensor; readonly b: () => Tensor } {
  return {
    a: () => {
      const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB)
      return unbroadcast(da, a.shape)
    },
    b: () => {
      const db = transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false)
      return unbroadcast(db, b.shape)
    },
  }
}

interface Operand {
  readonly x: Tensor
  /** One letter per axis. */
  readonly labels: string
}

const other = (all: readonly Tensor[], labels: readonly string[], i: number): Operand | undefined =>
  all[i] && { x: all[i], labels: labels[i]! }

/** The sum with the operand and the output exchanged; axes that were summed over it alone are spread out again. */
function einsumGradient(
  dy: Tensor,
  output: string,
  { x, labels }: Operand,
  second: Operand | undefined,
): Tensor {
  const letters = [...labels]
  const known = letters.filter((letter) => output.includes(letter) || second?.labels.includes(letter))
  const summed = second
    ? tf.einsum(`${output},${second.labels}->${known.join('')}`, dy, second.x)
    : tf.einsum(`${output}->${known.join('')}`, dy)
  const kept = x.shape.map((size, axis) => (known.includes(letters[axis]!) ? size : 1))
  return tf.broadcastTo(tf.reshape(summed, kept), x.shape)
}
