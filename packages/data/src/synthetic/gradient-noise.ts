import type { Random } from '@limbeck/core'

const TABLE = 256

/** Smooth random function of the plane (Perlin, 2002, "Improving Noise"): zero mean, within ±1, features of size 1. */
export class GradientNoise {
  readonly #table: Uint8Array
  readonly #x = new Float32Array(TABLE)
  readonly #y = new Float32Array(TABLE)

  constructor(random: Random) {
    const order = random.permutation(TABLE)
    this.#table = Uint8Array.from([...order, ...order])
    for (let i = 0; i < TABLE; i++) {
      this.#x[i] = Math.cos((2 * Math.PI * i) / TABLE)
      this.#y[i] = Math.sin((2 * Math.PI * i) / TABLE)
    }
  }

  at(x: number, y: number): number {
    const column = Math.floor(x)
    const row = Math.floor(y)
    const u = x - column
    const v = y - row
    const blend = fade(u)
    const top = mix(this.#corner(column, row, u, v), this.#corner(column + 1, row, u - 1, v), blend)
    const bottom = mix(
      this.#corner(column, row + 1, u, v - 1),
      this.#corner(column + 1, row + 1, u - 1, v - 1),
      blend,
    )
    // the sum lies within ±√½
    return Math.SQRT2 * mix(top, bottom, fade(v))
  }

  /** Two octaves: detail of half the size and half the strength on top. */
  detailed(x: number, y: number): number {
    return (this.at(x, y) + this.at(2 * x + 17.3, 2 * y + 5.7) / 2) / 1.5
  }

  #corner(column: number, row: number, u: number, v: number): number {
    const gradient = this.#table[this.#table[column & (TABLE - 1)]! + (row & (TABLE - 1))]!
    return this.#x[gradient]! * u + this.#y[gradient]! * v
  }
}

const fade = (t: number): number => t * t * t * (t * (6 * t - 15) + 10)
const mix = (a: number, b: number, t: number): number => a + (b - a) * t
