import { type Buffer, layouts, type Parameter, type Tensor, type Tensor4D, tf, toTensor } from '@limbeck/core'

/** What a golden file keeps of a tensor in PyTorch's layout; `golden/digests.py` is the other half. */
export interface Digest {
  readonly shape: readonly number[]
  readonly norm: number
  /** On the direction that `uniform` gives for the tensor's name with `/probe`. */
  readonly projection: number
  /** Evenly spaced elements. */
  readonly samples: readonly number[]
}

/** Uniform in [-1, 1): FNV-1a of the name, then murmur3's finaliser of seed + index. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5
  for (let i = 0; i < name.length; i++) seed = Math.imul(seed ^ name.charCodeAt(i), 0x01000193)
  return Float64Array.from({ length: count }, (_, index) => {
    let bits = (seed + index) | 0
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 31 - 1
  })
}

/** A parameter or buffer: filters of variance 1 / fan-in, scales and variances around 1, all else around 0. */
export function initial(
  name: string,
  shape: readonly number[],
): { shape: readonly number[]; data: Float64Array } {
  const u = uniform(name, size(shape))
  const [scale, shift] = spread(name, shape)
  return { shape, data: u.map((value) => shift + scale * value) }
}

function spread(name: string, shape: readonly number[]): [scale: number, shift: number] {
  if (shape.length > 1) return [Math.sqrt(3 / size(shape.slice(1))), 0]
  return name.endsWith('running_var') || name.endsWith('weight') ? [0.4, 1] : [0.3, 0]
}

/** A map [N,H,W,C] filled in the order [N,C,H,W]. */
export const map = (name: string, [n, h, w, c]: readonly [number, number, number, number]): Tensor4D =>
  tf.tidy(() => {
    const filled = toTensor({ shape: [n, c, h, w], data: uniform(name, n * h * w * c) }) as Tensor4D
    return tf.transpose(filled, [0, 2, 3, 1])
  })

/** A map as PyTorch has it. */
export const ofMap = (x: Tensor, name: string, golden: Digest): Digest =>
  digest(tf.transpose(x, [0, 3, 1, 2]), name, golden)

/** A parameter's gradient, or its value, as PyTorch has it. */
export function ofParameter(x: Tensor, { layout }: Parameter | Buffer, name: string, golden: Digest): Digest {
  const permutation = layouts[layout]
  return digest(permutation ? tf.transpose(x, [...permutation]) : x, name, golden)
}

function digest(x: Tensor, name: string, { samples }: Digest): Digest {
  const values = Array.from(x.dataSync())
  const probe = uniform(`${name}/probe`, values.length)
  const indexes = samples.map((_, i) => Math.floor((i * values.length) / samples.length))
  return {
    shape: x.shape,
    norm: Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)),
    projection: values.reduce((sum, value, i) => sum + value * probe[i]!, 0),
    samples: indexes.map((i) => values[i]!),
  }
}

/**
 * The largest difference between two digests, as a share of the tensor's norm or root mean square. A norm below
 * `negligible` counts as that: a bias before a normalisation has no gradient but rounding errors.
 */
export function difference(actual: Digest, golden: Digest, negligible = 0): number {
  if (!tf.util.arraysEqual([...actual.shape], [...golden.shape])) return Number.POSITIVE_INFINITY
  const norm = Math.max(golden.norm, negligible)
  const rootMeanSquare = norm / Math.sqrt(size(golden.shape))
  const ofSamples = golden.samples.map((sample, i) => Math.abs(actual.samples[i]! - sample) / rootMeanSquare)
  const ofWhole = [Math.abs(actual.norm - golden.norm), Math.abs(actual.projection - golden.projection)]
  return Math.max(...ofWhole.map((absolute) => absolute / norm), ...ofSamples)
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
