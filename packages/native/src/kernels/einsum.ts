import type { TensorInfo, tf } from '@limbeck/core'
import { einsumLetters, rowMajorStrides, transposed } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted } from './cast.ts'
import type { KernelTable, NativeKernel } from './kernel.ts'
import { product } from './matmul.ts'
import { reduced } from './reduce.ts'

/** A tensor whose axes have letters, none twice. */
interface Lettered {
  readonly x: TensorInfo
  readonly letters: readonly number[]
}

/** A letter that stands twice becomes one axis: the diagonal. */
function diagonal(backend: NativeBackend, x: TensorInfo, letters: readonly number[]): Lettered {
  const distinct = [...new Set(letters)]
  if (distinct.length === letters.length) return { x, letters }
  const strides = rowMajorStrides(x.shape)
  const shape = distinct.map((letter) => x.shape[letters.indexOf(letter)]!)
  const steps = distinct.map((letter) =>
    letters.reduce((sum, other, axis) => sum + (other === letter ? strides[axis]! : 0), 0),
  )
  const y = backend.empty(shape, x.dtype)
  const to = { offset: 0, strides: rowMajorStrides(shape) }
  backend.copy(x, y, { shape, from: { offset: 0, strides: steps }, to })
  return { x: y, letters: distinct }
}

/** Sums over the letters that nothing else needs. */
function summed(backend: NativeBackend, { x, letters }: Lettered, needed: readonly number[]): Lettered {
  const axis = letters.flatMap((letter, at) => (needed.includes(letter) ? [] : [at]))
  if (axis.length === 0) return { x, letters }
  return {
    x: reduced(backend, 'sum', x, { axis, keepDims: false }),
    letters: letters.filter((letter) => needed.includes(letter)),
  }
}

/** The tensor with its axes in the order of `letters`. */
function ordered(
  backend: NativeBackend,
  { x, letters: own }: Lettered,
  letters: readonly number[],
): TensorInfo {
  if (own.every((letter, axis) => letter === letters[axis])) return x
  return transposed(
    backend,
    x,
    letters.map((letter) => own.indexOf(letter)),
  )
}

/** The product of two tensors, summed over the letters that both have and `kept` lacks: one stack of matrices. */
function contracted(
  backend: NativeBackend,
  a: Lettered,
  b: Lettered,
  { kept, sizes }: { readonly kept: readonly number[]; readonly sizes: readonly number[] },
): Lettered {
  const both = a.letters.filter((letter) => b.letters.includes(letter))
  const batch = both.filter((letter) => kept.includes(letter))
  const inner = both.filter((letter) => !kept.includes(letter))
  const rows = a.letters.filter((letter) => !both.includes(letter))
  const columns = b.letters.filter((letter) => !both.includes(letter))
  const count = (letters: readonly number[]) => letters.reduce((total, letter) => total * sizes[letter]!, 1)
  const left = {
    ...ordered(backend, a, [...batch, ...rows, ...inner]),
    shape: [batch, rows, inner].map(count),
  }
  const right = {
    ...ordered(backend, b, [...batch, ...inner, ...columns]),
    shape: [batch, inner, columns].map(count),
  }
  const letters = [...batch, ...rows, ...columns]
  const y = product(backend, left, right, { transposeA: false, transposeB: false })
  return { x: { ...y, shape: letters.map((letter) => sizes[letter]!) }, letters }
}

/** The sum over every combination of the summed letters of the products of all operands, in float32. */
const einsum: NativeKernel<readonly TensorInfo[], tf.EinsumAttrs> = (inputs, { equation }, backend) => {
  const tensors = Object.values(inputs)
  const { sizes, kept, operands } = einsumLetters(equation, tensors)
  const [first, ...others] = tensors.map((x, t) => {
    const elsewhere = operands.filter((_, other) => other !== t).flat()
    const whole = diagonal(backend, converted(backend, x, 'float32'), operands[t]!)
    return summed(backend, whole, [...kept, ...elsewhere])
  }) as [Lettered, ...Lettered[]]
  const result = others.reduce((a, b, k) => {
    const later = others.slice(k + 1).flatMap(({ letters }) => letters)
    return contracted(backend, a, b, { kept: [...kept, ...later], sizes })
  }, first)
  const y = converted(backend, ordered(backend, result, kept), tensors[0]!.dtype)
  return tensors.some(({ dataId }) => dataId === y.dataId) ? backend.view(y) : y
}

export const einsumKernels = { Einsum: einsum } satisfies KernelTable
