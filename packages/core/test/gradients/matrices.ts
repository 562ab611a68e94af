import { tf } from '@limbeck/core'
import fc from 'fast-check'
import { describe } from 'vitest'
import { checkGradient } from './check-gradient.ts'
import { fusedEnd, fusedInputs, runFused } from './fused-end.ts'
import { normal } from './points.ts'

const matrixCase = fc.record({
  batchA: fc.constantFrom([], [1], [2], [2, 1]),
  batchB: fc.constantFrom([], [2], [1, 2]),
  m: fc.integer({ min: 1, max: 3 }),
  k: fc.integer({ min: 1, max: 3 }),
  n: fc.integer({ min: 1, max: 3 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

describe('matrices', () => {
  checkGradient(
    'BatchMatMul',
    matrixCase,
    ({ batchA, batchB, m, k, n, transposeA, transposeB }, random) => ({
      f: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
      inputs: [
        normal([...batchA, ...(transposeA ? [k, m] : [m, k])], random),
        normal([...batchB, ...(transposeB ? [n, k] : [k, n])], random),
      ],
    }),
    16,
  )
  checkGradient(
    'Einsum',
    fc.constantFrom(
      'ij,jk->ik',
      'bij,bj->bi',
      'ij,ij->',
      'ij,kj->ki',
      'i,j->ji',
      'ij,k->j',
      'bhwc,ck->bhwk',
      'ij->ji',
      'ijk->j',
    ),
    (equation, random) => {
      const lengths: Record<string, number> = { b: 2, i: 3, j: 2, k: 4, h: 1, w: 2, c: 3 }
      const operands = equation.split('->')[0]!.split(',')
      return {
        f: (...xs) => tf.einsum(equation, ...xs),
        inputs: operands.map((labels) =>
          normal(
            [...labels].map((label) => lengths[label]!),
            random,
          ),
        ),
      }
    },
    12,
  )
  checkGradient(
    '_FusedMatMul',
    fusedEnd,
    ({ activation, hasBias }, random) => ({
      f: (a, b, ...rest) =>
        runFused(
          '_FusedMatMul',
          { a: a!, b: b! },
          rest,
          { activation, hasBias },
          { transposeA: false, transposeB: true },
        ),
      inputs: [
        normal([1, 2, 3], random),
        normal([1, 2, 3], random),
        ...fusedInputs({ activation, hasBias }, 2, random),
      ],
    }),
    14,
  )
})
