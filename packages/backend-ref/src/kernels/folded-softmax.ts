import { EXCLUDED } from '@limbeck/core'
import type { Values } from '../storage.ts'

/**
 * The softmax of one pixel at a time, with classes folded into groups: a group's probability is the sum of its
 * members'. Works in logarithms throughout, so that logits of ±1e4 neither overflow nor lose a loss.
 *
 * Classes in the group `EXCLUDED` are no part of the softmax; other negative groups are, but have no name.
 */
export class FoldedSoftmax {
  readonly #logits: Values
  readonly #groups: readonly number[]
  readonly #scale: number
  /** Scaled logits of the pixel, and for each group its log probability and the slope of the loss by it. */
  readonly #scaled: Float64Array
  readonly #logP: Float64Array
  readonly #slopes: Float64Array
  #start = 0
  #logSum = 0

  /** `logits` [..., C] with C = `groups.length`, multiplied by `scale`. */
  constructor(logits: Values, groups: readonly number[], scale = 1) {
    this.#logits = logits
    this.#groups = groups
    this.#scale = scale
    const names = Math.max(0, ...groups) + 1
    this.#scaled = new Float64Array(groups.length)
    this.#logP = new Float64Array(names)
    this.#slopes = new Float64Array(names)
  }

  /** Moves to a pixel; slopes start at 0. */
  read(pixel: number): void {
    const groups = this.#groups
    const scaled = this.#scaled
    this.#start = pixel * groups.length
    this.#slopes.fill(0)
    let max = Number.NEGATIVE_INFINITY
    for (let c = 0; c < groups.length; c++) {
      const z =
        groups[c] === EXCLUDED ? Number.NEGATIVE_INFINITY : this.#logits[this.#start + c]! * this.#scale
      scaled[c] = z
      max = Math.max(max, z)
    }
    let sum = 0
    for (let c = 0; c < groups.length; c++) sum += Math.exp(scaled[c]! - max)
    this.#logSum = max + Math.log(sum)
    this.#fold()
  }

  /** log p of each group by its own maximum: a group far below the others keeps its digits. */
  #fold(): void {
    const groups = this.#groups
    const scaled = this.#scaled
    const logP = this.#logP
    const maxima = logP.fill(Number.NEGATIVE_INFINITY)
    for (let c = 0; c < groups.length; c++) {
      const group = groups[c]!
      if (group >= 0) maxima[group] = Math.max(maxima[group]!, scaled[c]!)
    }
    const sums = this.#slopes
    for (let c = 0; c < groups.length; c++) {
      const group = groups[c]!
      if (group >= 0) sums[group]! += Math.exp(scaled[c]! - maxima[group]!)
    }
    for (let group = 0; group < logP.length; group++) {
      logP[group] = maxima[group]! + Math.log(sums[group]!) - this.#logSum
    }
    sums.fill(0)
  }

  /** log probability of a group at the pixel. */
  logP(group: number): number {
    return this.#logP[group]!
  }

  /** Adds to the derivative of the loss by log p of a group. */
  addSlope(group: number, slope: number): void {
    this.#slopes[group]! += slope
  }

  /**
   * Writes the derivative of the loss by each logit of the pixel, times `factor`: with D(k) the slope of group k,
   * s(c) the softmax and p(k) the group's probability, D(k)·s(c)/p(k) − s(c)·ΣD.
   */
  writeGradient(target: Values, factor: number): void {
    const groups = this.#groups
    let total = 0
    for (let group = 0; group < this.#slopes.length; group++) total += this.#slopes[group]!
    for (let c = 0; c < groups.length; c++) {
      const group = groups[c]!
      if (group === EXCLUDED) continue
      const logS = this.#scaled[c]! - this.#logSum
      const share = group >= 0 ? this.#slopes[group]! * Math.exp(logS - this.#logP[group]!) : 0
      target[this.#start + c] = factor * this.#scale * (share - Math.exp(logS) * total)
    }
  }
}
