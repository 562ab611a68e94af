import type { Values } from '../storage.ts'
import type { Rows } from './strided.ts'

/**
 * Elementwise kernels run on blocks of float64: the array types and broadcasting of the operands are dealt with by
 * loops that all kernels share, and what a kernel adds is a loop over plain `Float64Array`s of its own. A function
 * called per element would be the same for the reader but not for V8, which boxes every number that goes through a
 * call it cannot inline, and takes four times as long.
 */
export const BLOCK = 1024

/** y[i] = f(x[i]) for i < n. */
export type UnaryLoop = (x: Float64Array, y: Float64Array, n: number) => void

/** y[i] = f(a[i], b[i]) for i < n. */
export type BinaryLoop = (a: Float64Array, b: Float64Array, y: Float64Array, n: number) => void

/** The loop of a function that is rare or slow enough for the call not to matter. */
export const eachOne =
  (f: (x: number) => number): UnaryLoop =>
  (x, y, n) => {
    for (let i = 0; i < n; i++) y[i] = f(x[i]!)
  }

export const eachPair =
  (f: (a: number, b: number) => number): BinaryLoop =>
  (a, b, y, n) => {
    for (let i = 0; i < n; i++) y[i] = f(a[i]!, b[i]!)
  }

export function mapBlocks(from: Values, to: Values, loop: UnaryLoop): void {
  const length = Math.min(BLOCK, to.length)
  const x = new Float64Array(length)
  const y = new Float64Array(length)
  for (let at = 0; at < to.length; at += BLOCK) {
    const n = Math.min(BLOCK, to.length - at)
    x.set(from.subarray(at, at + n))
    loop(x, y, n)
    to.set(n === length ? y : y.subarray(0, n), at)
  }
}

/** An operand of an output that may be larger: dense where it has as many elements, else read in rows. */
export interface Operand {
  readonly values: Values
  readonly rows?: Rows
}

export function combineBlocks(fromA: Operand, fromB: Operand, to: Values, loop: BinaryLoop): void {
  const length = Math.min(BLOCK, to.length)
  const a = new Float64Array(length)
  const b = new Float64Array(length)
  const y = new Float64Array(length)
  for (let at = 0; at < to.length; at += BLOCK) {
    const n = Math.min(BLOCK, to.length - at)
    read(fromA, at, a, n)
    read(fromB, at, b, n)
    loop(a, b, y, n)
    to.set(n === length ? y : y.subarray(0, n), at)
  }
}

/** Elements `first … first + n` of an operand in the order of the output. */
function read({ values, rows }: Operand, first: number, block: Float64Array, n: number): void {
  if (!rows) {
    block.set(values.subarray(first, first + n))
    return
  }
  const { starts, step, length } = rows
  let row = Math.floor(first / length)
  let column = first % length
  for (let k = 0; k < n; row++, column = 0) {
    const end = Math.min(n, k + length - column)
    let at = starts[row]! + column * step
    if (step === 0) block.fill(values[at]!, k, end)
    else for (let i = k; i < end; i++, at += step) block[i] = values[at]!
    k = end
  }
}
