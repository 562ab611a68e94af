import type { Random } from '@limbeck/core'
import {
  fillLabels,
  fillValues,
  type LabelRegime,
  labelRegimes,
  type Regime,
} from '../arbitraries/regimes.ts'

/** A tensor as a test holds it: values in row-major order, floats rounded to 32 bits. */
export interface TensorData {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array | Uint8Array
  readonly dtype: 'float32' | 'int32' | 'bool'
}

/**
 * Kinds of floats: those of `Regime`; `distinct`, where no two are alike and none is near 0, for gradients away from
 * kinks; `special`, where some are NaN or infinite.
 */
export type Filling = Regime | 'distinct' | 'special'

const SPECIALS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0]
const SPECIAL_SHARE = 0.2
/** Distinct values lie within ±this. */
const DISTINCT_RANGE = 2

/** Draws the data of a kernel's inputs in one regime. */
export class Fill {
  readonly filling: Filling
  readonly #random: Random

  constructor(filling: Filling, random: Random) {
    this.filling = filling
    this.#random = random
  }

  /** Floats of the regime. */
  floats(shape: readonly number[]): TensorData {
    return { shape, values: this.#floats(shape), dtype: 'float32' }
  }

  /** Finite floats of the regime's size: weights and slopes, of which a special value would leave nothing to see. */
  finite(shape: readonly number[]): TensorData {
    const values =
      this.filling === 'special' ? fillValues('normal', shape, this.#random) : this.#floats(shape)
    return { shape, values, dtype: 'float32' }
  }

  /** Uniform in low..high; integers among them where the regime is `integers`. */
  within(low: number, high: number, shape: readonly number[]): TensorData {
    const draw = () =>
      this.filling === 'integers'
        ? Math.ceil(low) + this.#random.integer(Math.floor(high) - Math.ceil(low) + 1)
        : this.#random.uniform(low, high)
    return { shape, values: new Float32Array(sizeOf(shape)).map(draw), dtype: 'float32' }
  }

  /** Integers in 0..below−1, or −1 and `below` too when `outside`. */
  indices(below: number, shape: readonly number[], { outside = false } = {}): TensorData {
    const draw = () => (outside ? this.#random.integer(below + 2) - 1 : this.#random.integer(below))
    return { shape, values: new Int32Array(sizeOf(shape)).map(draw), dtype: 'int32' }
  }

  /** Integers in −8..8 as int32. */
  integers(shape: readonly number[]): TensorData {
    return { shape, values: Int32Array.from(fillValues('integers', shape, this.#random)), dtype: 'int32' }
  }

  bools(shape: readonly number[]): TensorData {
    const values = new Uint8Array(sizeOf(shape)).map(() => this.#random.integer(2))
    return { shape, values, dtype: 'bool' }
  }

  /** Class ids with 255 for ignored pixels, in a regime of their own. */
  labels(classes: number, shape: readonly number[]): TensorData {
    const kind: LabelRegime = this.#random.pick(labelRegimes)
    return { shape, values: fillLabels(kind, shape, this.#random, { classes }), dtype: 'int32' }
  }

  #floats(shape: readonly number[]): Float32Array {
    if (this.filling === 'distinct') return this.#distinct(sizeOf(shape))
    if (this.filling !== 'special') return fillValues(this.filling, shape, this.#random)
    const draw = () =>
      this.#random.chance(SPECIAL_SHARE) ? this.#random.pick(SPECIALS) : this.#random.normal()
    return new Float32Array(sizeOf(shape)).map(draw)
  }

  /** Evenly spaced and shaken by less than half a step. */
  #distinct(size: number): Float32Array {
    const step = (2 * DISTINCT_RANGE) / size
    const ranks = this.#random.permutation(size)
    return Float32Array.from(ranks, (rank) => {
      const value = (rank + this.#random.uniform(0.1, 0.5)) * step - DISTINCT_RANGE
      return Math.abs(value) < step / 10 ? value + step / 5 : value
    })
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)
