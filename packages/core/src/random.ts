/**
 * Seeded random numbers, split by purpose.
 *
 * A `Random` never shares its stream: `fork('shuffle', epoch)` gives an independent generator that depends only
 * on the seed and the names, so that a run that resumes at epoch 7 draws what an unbroken one draws, and adding a
 * draw in one place never changes another. Generator: sfc32 (Doty-Humphrey, PractRand), keyed by an FNV-1a hash
 * of the path; period at least 2^32.
 */
export class Random {
  /** Seed and purposes: `new Random(path)` is this generator from its start, in another thread too. */
  readonly path: string
  #a: number
  #b: number
  #c: number
  #counter: number

  constructor(seed: number | string) {
    this.path = String(seed)
    this.#a = hash(this.path, 0x811c9dc5)
    this.#b = hash(this.path, 0x9e3779b9)
    this.#c = hash(this.path, 0x85ebca6b)
    this.#counter = 1
    for (let i = 0; i < 15; i++) this.bits()
  }

  /** An independent generator for a purpose: `random.fork('augment', epoch, index)`. */
  fork(...purpose: readonly (string | number)[]): Random {
    return new Random(`${this.path}/${purpose.join('/')}`)
  }

  /** The next 32 random bits as an unsigned integer. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992
    return low + (high - low) * unit
  }

  /** Uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.uniform() < p
  }

  /** Normal with the given mean and standard deviation (Box–Muller). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!
  }

  /** Index drawn with probability proportional to `weights`. */
  weighted(weights: readonly number[]): number {
    let left = this.uniform() * weights.reduce((sum, w) => sum + w, 0)
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i]!
      if (left < 0) return i
    }
    return weights.length - 1
  }

  /** The integers 0..count-1 in random order (Fisher–Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = order[i]!
      order[i] = order[j]!
      order[j] = kept
    }
    return order
  }
}

function hash(text: string, offset: number): number {
  let h = offset
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return h ^ (h >>> 16)
}
