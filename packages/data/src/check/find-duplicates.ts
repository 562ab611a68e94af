import { orientationsOf } from './orientations.ts'
import { hashDistance, type PerceptualHash, perceptualHash } from './perceptual-hash.ts'
import { correlation } from './thumbnail.ts'

/** By what an image can be found again. */
export interface Fingerprint {
  readonly split: string
  readonly id: string
  /** Digest of the pixels. */
  readonly exact: string
  /** Absent for images without structure, which are compared exactly only. */
  readonly thumbnail: Float32Array | undefined
}

/** Two images that show the same. */
export interface DuplicatePair {
  readonly first: Pick<Fingerprint, 'split' | 'id'>
  readonly second: Pick<Fingerprint, 'split' | 'id'>
  /** 1 for equal pixels. */
  readonly correlation: number
  /** How the second lies: `as it is`, `mirrored`, … */
  readonly orientation: string
}

/** Hashes of unrelated images differ in 128 ± 8 of 256 bits where nothing is alike; structure that is shared lowers it. */
const CANDIDATE_DISTANCE = 48
/** Copies that were compressed, resized or recoloured correlate by more; neighbouring slices of a scan by less. */
const SAME_IMAGE = 0.985

/**
 * Pairs of images in different splits that are equal, or nearly: scaled, compressed, brighter, turned by quarters or
 * mirrored. Images that merely overlap are not found. Also equal images within a split.
 */
export function findDuplicates(fingerprints: readonly Fingerprint[]): DuplicatePair[] {
  const exact = equalPairs(fingerprints)
  const found = new Set(
    exact.map(({ first, second }) => `${first.split}/${first.id}\n${second.split}/${second.id}`),
  )
  const near = nearPairs(fingerprints).filter(
    ({ first, second }) => !found.has(`${first.split}/${first.id}\n${second.split}/${second.id}`),
  )
  return [...exact, ...near]
}

/** Each image that is equal to an earlier one, with the first of its kind. */
function equalPairs(fingerprints: readonly Fingerprint[]): DuplicatePair[] {
  const firsts = new Map<string, Fingerprint>()
  const pairs: DuplicatePair[] = []
  for (const second of fingerprints) {
    const first = firsts.get(second.exact)
    if (first) pairs.push({ first, second, correlation: 1, orientation: 'as it is' })
    else firsts.set(second.exact, second)
  }
  return pairs
}

function nearPairs(fingerprints: readonly Fingerprint[]): DuplicatePair[] {
  const structured = fingerprints.flatMap(({ thumbnail, ...rest }) =>
    thumbnail ? [{ ...rest, thumbnail, hash: perceptualHash(thumbnail) }] : [],
  )
  const pairs: DuplicatePair[] = []
  for (const [position, second] of structured.entries()) {
    const earlier = structured.slice(0, position).filter(({ split }) => split !== second.split)
    if (earlier.length === 0) continue
    const oriented = orientationsOf(second.thumbnail).map((one) => ({
      ...one,
      hash: perceptualHash(one.thumbnail),
    }))
    for (const first of earlier) {
      const match = bestMatch(first, oriented)
      if (match && match.correlation >= SAME_IMAGE) pairs.push({ first, second, ...match })
    }
  }
  return pairs
}

interface Hashed {
  readonly hash: PerceptualHash
  readonly thumbnail: Float32Array
}

function bestMatch(
  { hash, thumbnail }: Hashed,
  oriented: readonly (Hashed & { readonly orientation: string })[],
): Pick<DuplicatePair, 'correlation' | 'orientation'> | undefined {
  let best: Pick<DuplicatePair, 'correlation' | 'orientation'> | undefined
  for (const one of oriented) {
    if (hashDistance(hash, one.hash) > CANDIDATE_DISTANCE) continue
    const value = correlation(thumbnail, one.thumbnail)
    if (!best || value > best.correlation) best = { correlation: value, orientation: one.orientation }
  }
  return best
}
