import { THUMBNAIL_SIDE } from './thumbnail.ts'

/** Side of the grid of bits; 256 bits as eight words. */
const GRID = 16
const STEP = THUMBNAIL_SIDE / GRID
const WORDS = (GRID * GRID) / 32

/** A bit for each cell of a coarse grid: brighter than the median or not. */
export type PerceptualHash = Uint32Array

/** The hash of a thumbnail: near-equal images differ in few bits, unrelated ones in about half of them. */
export function perceptualHash(thumbnail: Float32Array): PerceptualHash {
  const cells = new Float32Array(GRID * GRID)
  for (let y = 0; y < THUMBNAIL_SIDE; y++) {
    for (let x = 0; x < THUMBNAIL_SIDE; x++) {
      cells[Math.floor(y / STEP) * GRID + Math.floor(x / STEP)]! += thumbnail[y * THUMBNAIL_SIDE + x]!
    }
  }
  const median = cells.toSorted()[cells.length / 2]!
  const hash = new Uint32Array(WORDS)
  for (const [bit, value] of cells.entries()) if (value >= median) hash[bit >>> 5]! |= 1 << (bit & 31)
  return hash
}

/** The number of bits in which two hashes differ, 0..256. */
export function hashDistance(a: PerceptualHash, b: PerceptualHash): number {
  let distance = 0
  for (let i = 0; i < WORDS; i++) distance += bitCount(a[i]! ^ b[i]!)
  return distance
}

/** Set bits of 32, in parallel sums (Warren, Hacker's Delight, 5-1). */
function bitCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
