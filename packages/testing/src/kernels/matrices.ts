import fc from 'fast-check'
import { shape } from '../arbitraries/shapes.ts'
import { sums } from './bound.ts'
import type { Fill } from './fill.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'

const side = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.constantFrom(17, 33))
const products = fc.record({
  batch: shape({ minRank: 0, maxRank: 2, maxLength: 2 }),
  rows: side,
  depth: side,
  columns: side,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

type Product = typeof products extends fc.Arbitrary<infer P> ? P : never

const operands = ({ batch, rows, depth, columns, transposeA, transposeB }: Product, fill: Fill) => ({
  a: fill.floats([...batch, ...(transposeA ? [depth, rows] : [rows, depth])]),
  b: fill.finite([...batch, ...(transposeB ? [columns, depth] : [depth, columns])]),
})

const depthOf = ({ inputs: { a, bias }, attrs }: KernelCall): number =>
  a!.shape.at((attrs as Product).transposeA ? -2 : -1)! + (bias ? 1 : 0)

const EQUATIONS = [
  {
    equation: 'ij,jk->ik',
    shapes: [
      [3, 4],
      [4, 2],
    ],
    terms: 4,
  },
  {
    equation: 'bij,bkj->bik',
    shapes: [
      [2, 3, 5],
      [2, 2, 5],
    ],
    terms: 5,
  },
  { equation: 'i,j->ij', shapes: [[3], [4]], terms: 1 },
  { equation: 'ij->j', shapes: [[3, 4]], terms: 3 },
  {
    equation: 'bhwc,bhw->bc',
    shapes: [
      [2, 3, 2, 3],
      [2, 3, 2],
    ],
    terms: 6,
  },
] as const

/** Products of matrices. */
export const matrixSpecs: readonly KernelSpec[] = [
  defineKernelSpec({
    kernel: 'BatchMatMul',
    cases: products,
    call: (product, fill) => {
      const { transposeA, transposeB } = product
      return { inputs: operands(product, fill), attrs: { transposeA, transposeB } }
    },
    bound: sums(depthOf),
    differentiable: ['a', 'b'],
  }),
  defineKernelSpec({
    kernel: '_FusedMatMul',
    cases: fc.record({ product: products, biased: fc.boolean() }),
    call: ({ product, biased }, fill) => {
      const { transposeA, transposeB, columns } = product
      return {
        inputs: { ...operands(product, fill), ...(biased ? { bias: fill.finite([columns]) } : {}) },
        attrs: { transposeA, transposeB, activation: 'linear' },
      }
    },
    bound: sums(depthOf),
    differentiable: ['a', 'b'],
  }),
  defineKernelSpec({
    kernel: 'Einsum',
    cases: fc.constantFrom(...EQUATIONS),
    call: ({ equation, shapes }, fill) => ({
      inputs: Object.fromEntries(shapes.map((lengths, i) => [i, fill.finite(lengths)])),
      attrs: { equation },
    }),
    bound: sums(
      ({ attrs }) =>
        EQUATIONS.find(({ equation }) => equation === (attrs as { equation: string }).equation)!.terms,
    ),
    differentiable: ['0', '1'],
    specials: false,
  }),
]
