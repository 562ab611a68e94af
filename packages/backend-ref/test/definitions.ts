/**
 * What kernels mean, written straight from their formulas: one value at a time, by index, without any thought of
 * speed. Nothing here is shared with the kernels.
 */
import type { KernelCall, TensorData } from '@limbeck/testing'
import ndarray, { type NdArray } from 'ndarray'

type View = NdArray<Float64Array>
type Attrs = Readonly<Record<string, never>>

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

const view = ({ values, shape }: TensorData): View => ndarray(Float64Array.from(values), [...shape])

/** The array whose entry at `index` is `f(...index)`, in row-major order. */
function generate(shape: readonly number[], f: (...index: number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, at) => {
    const index: number[] = []
    for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!)
      rest = Math.floor(rest / shape[axis]!)
    }
    return f(...index)
  })
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0)
const mean = (terms: readonly number[]): number => sum(terms) / terms.length

/** The value at a pixel, or 0 outside the map. */
const padded = (x: View, n: number, i: number, j: number, c: number): number =>
  i < 0 || j < 0 || i >= x.shape[1]! || j >= x.shape[2]! ? 0 : x.get(n, i, j, c)

/** y[n,i,j,o] = b[o] + Σ x[n, i·s − p + h·d, j·s − p + w·d, c] · f[h,w,c,o] over the channels of o's group. */
function convolution({ inputs, attrs }: KernelCall): number[][] {
  const { strides, pad, dilations, groups } = attrs as {
    strides: number[]
    pad: number[]
    dilations: number[]
    groups: number
  }
  const [x, filter] = [view(inputs.x!), view(inputs.filter!)]
  const [h, w, perGroup, outputs] = filter.shape as [number, number, number, number]
  const length = (axis: 0 | 1, side: number) => {
    const reach = dilations[axis]! * (filter.shape[axis]! - 1) + 1
    return Math.floor((side + pad[2 * axis]! + pad[2 * axis + 1]! - reach) / strides[axis]!) + 1
  }
  const shape = [x.shape[0]!, length(0, x.shape[1]!), length(1, x.shape[2]!), outputs]
  return [
    generate(shape, (n, i, j, o) => {
      const group = Math.floor((o! * groups) / outputs)
      const products = range(h).flatMap((a) =>
        range(w).flatMap((b) =>
          range(perGroup).map((c) => {
            const row = i! * strides[0]! - pad[0]! + a * dilations[0]!
            const column = j! * strides[1]! - pad[2]! + b * dilations[1]!
            return padded(x, n!, row, column, group * perGroup + c) * filter.get(a, b, c, o!)
          }),
        ),
      )
      return sum(products) + (inputs.bias?.values[o!] ?? 0)
    }),
  ]
}

/** The pixels of each window that lie in the map, for explicit padding. */
function maxPooling({ inputs, attrs }: KernelCall): number[][] {
  const { filterSize, strides, pad } = attrs as { filterSize: number[]; strides: number[]; pad: number[] }
  const x = view(inputs.x!)
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const shape = [
    n,
    Math.floor((height + pad[0]! + pad[1]! - filterSize[0]!) / strides[0]!) + 1,
    Math.floor((width + pad[2]! + pad[3]! - filterSize[1]!) / strides[1]!) + 1,
    channels,
  ]
  const best = (image: number, i: number, j: number, c: number) => {
    const pixels = range(filterSize[0]!)
      .flatMap((a) =>
        range(filterSize[1]!).map((b) => [i * strides[0]! - pad[0]! + a, j * strides[1]! - pad[2]! + b]),
      )
      .filter(([row, column]) => row! >= 0 && column! >= 0 && row! < height && column! < width)
    const value = Math.max(...pixels.map(([row, column]) => x.get(image, row!, column!, c)))
    const [row, column] = pixels.find(([row, column]) => x.get(image, row!, column!, c) === value)!
    return { value, index: row! * width + column! }
  }
  return [
    generate(shape, (...at) => best(...(at as [number, number, number, number])).value),
    generate(shape, (...at) => best(...(at as [number, number, number, number])).index),
  ]
}

/** Where output pixel i lies in the input. */
function source(i: number, from: number, to: number, { alignCorners, halfPixelCenters }: Attrs): number {
  if (alignCorners) return to === 1 ? 0 : (i * (from - 1)) / (to - 1)
  return halfPixelCenters ? ((i + 0.5) * from) / to - 0.5 : (i * from) / to
}

const clamp = (i: number, length: number): number => Math.min(Math.max(i, 0), length - 1)

/** Hat functions on the pixels around, which are repeated beyond the border. */
function bilinear({ inputs, attrs }: KernelCall): number[][] {
  const { size, ...sampling } = attrs as unknown as { size: number[] } & Attrs
  const x = view(inputs.images!)
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  return [
    generate([n, size[0]!, size[1]!, channels], (image, i, j, c) => {
      const row = clamp(source(i!, height, size[0]!, sampling as Attrs), height)
      const column = clamp(source(j!, width, size[1]!, sampling as Attrs), width)
      const hat = (at: number, pixel: number) => Math.max(0, 1 - Math.abs(at - pixel))
      return sum(
        range(height).flatMap((a) =>
          range(width).map((b) => hat(row, a) * hat(column, b) * x.get(image!, a, b, c!)),
        ),
      )
    }),
  ]
}

/** q = exp(z) / Σ exp(z) along the last axis. */
function softmaxRow(scores: readonly number[]): number[] {
  const highest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - highest))
  return powers.map((power) => power / sum(powers))
}

const rows = ({ values, shape }: TensorData): number[][] => {
  const length = shape.at(-1)!
  return range(values.length / length).map((row) =>
    Array.from(values.slice(row * length, (row + 1) * length)),
  )
}

const softmax = ({ inputs }: KernelCall): number[][] => [rows(inputs.logits!).flatMap(softmaxRow)]

/** Row means, then column means, of each cell of each grid. */
function stripPooling({ inputs, attrs }: KernelCall): number[][] {
  const { scales, square } = attrs as unknown as { scales: number[]; square: boolean }
  const x = view(inputs.x!)
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const value = (image: number, i: number, j: number, c: number) => x.get(image, i, j, c) ** (square ? 2 : 1)
  return [
    range(n).flatMap((image) => {
      const strips = scales.flatMap((scale) => {
        const [kh, kw] = [Math.floor(height / scale), Math.floor(width / scale)]
        return range(scale).flatMap((i) =>
          range(scale).flatMap((j) => [
            ...range(kh).map(
              (a) => (c: number) => mean(range(kw).map((b) => value(image, i * kh + a, j * kw + b, c))),
            ),
            ...range(kw).map(
              (b) => (c: number) => mean(range(kh).map((a) => value(image, i * kh + a, j * kw + b, c))),
            ),
          ]),
        )
      })
      return strips.flatMap((strip) => range(channels).map(strip))
    }),
  ]
}

/** (x − mean) / √(variance + ε) · scale + offset, by channel. */
function batchNorm({ inputs, attrs }: KernelCall): number[][] {
  const { epsilon, relu } = attrs as unknown as { epsilon: number; relu: boolean }
  const pixels = rows(inputs.x!)
  const channels = range(pixels[0]!.length)
  const means = channels.map((c) => mean(pixels.map((pixel) => pixel[c]!)))
  const variances = channels.map((c) => mean(pixels.map((pixel) => (pixel[c]! - means[c]!) ** 2)))
  const [scale, offset] = [inputs.scale!.values, inputs.offset!.values]
  const y = pixels.flatMap((pixel) =>
    pixel.map((x, c) => ((x - means[c]!) / Math.sqrt(variances[c]! + epsilon)) * scale[c]! + offset[c]!),
  )
  return [relu ? y.map((value) => Math.max(0, value)) : y, means, variances]
}

/** −(1 − s) w[y] (1 − p)^γ log p − s/C Σ w[c] log p[c], p the probability of the label's group. */
function crossEntropy({ inputs, attrs }: KernelCall): number[][] {
  const { groups, ignoreLabel, gamma, smoothing } = attrs as unknown as {
    groups: number[]
    ignoreLabel: number
    gamma: number
    smoothing: number
  }
  const weights = inputs.classWeights?.values ?? groups.map(() => 1)
  const pixels = rows(inputs.logits!).map((scores, pixel) => {
    const label = inputs.labels!.values[pixel]!
    if (label === ignoreLabel) return { loss: 0, weight: 0 }
    const q = softmaxRow(scores)
    const group = groups[label]!
    const p = sum(q.filter((_, c) => groups[c] === group))
    const main = -weights[group]! * Math.max(1 - p, gamma < 1 ? 1e-8 : 0) ** gamma * Math.log(p)
    const everywhere = -sum(q.map((value, c) => weights[c]! * Math.log(value))) / groups.length
    const loss = (1 - smoothing) * main + (smoothing > 0 ? smoothing * everywhere : 0)
    return { loss, weight: weights[group]! }
  })
  return [pixels.map(({ loss }) => loss), pixels.map(({ weight }) => weight)]
}

/** Σ q log(q / p), or −Σ q log p, over the teacher's classes, times a power of their difference. */
function divergence({ inputs, attrs }: KernelCall): number[][] {
  const { groups, temperature, teacherScale, form, modulator, gamma } = attrs as unknown as {
    groups: number[]
    temperature: number
    teacherScale: number
    form: 'ce' | 'kl'
    modulator: 'none' | 'abs' | 'relu' | 'raw'
    gamma: number
  }
  const EXCLUDED = -2
  const students = rows(inputs.student!)
  const pixels = rows(inputs.teacher!).map((scores, pixel) => {
    const q = softmaxRow(scores.map((score) => (score * teacherScale) / temperature))
    const kept = range(groups.length).filter((c) => groups[c] !== EXCLUDED)
    const s = softmaxRow(kept.map((c) => students[pixel]![c]! / temperature))
    return sum(
      q.map((target, k) => {
        const p = sum(s.filter((_, i) => groups[kept[i]!] === k))
        const gap = target * (form === 'kl' ? Math.log(target / p) : -Math.log(p))
        if (modulator === 'none' || gamma === 0) return gap
        const base = { abs: Math.abs(target - p), relu: Math.max(0, target - p), raw: target - p }[modulator]
        return gap * Math.max(base, gamma < 1 ? 1e-8 : base) ** gamma
      }),
    )
  })
  return [pixels]
}

/** Σ p·t, Σ p or Σ p², Σ t over the labelled pixels of each image. */
function regionSums({ inputs, attrs }: KernelCall): number[][] {
  const { ignoreLabel, squared } = attrs as unknown as { ignoreLabel: number; squared: boolean }
  const [images] = inputs.logits!.shape as [number]
  const pixels = rows(inputs.logits!).map(softmaxRow)
  const perImage = pixels.length / images
  const over = (term: (p: number, t: number) => number): number[] =>
    generate([images, pixels[0]!.length], (image, c) =>
      sum(
        range(perImage).map((at) => {
          const pixel = image! * perImage + at
          const label = inputs.labels!.values[pixel]!
          return label === ignoreLabel ? 0 : term(pixels[pixel]![c!]!, label === c ? 1 : 0)
        }),
      ),
    )
  return [over((p, t) => p * t), over((p) => (squared ? p * p : p)), over((_, t) => t)]
}

/** Meanings by kernel. */
export const definitions: Readonly<Record<string, (call: KernelCall) => number[][]>> = {
  ResizeBilinear: bilinear,
  SegBatchNormTrain: batchNorm,
  SegConv2D: convolution,
  SegMaxPool: maxPooling,
  SegRegionSums: regionSums,
  SegSoftmaxCrossEntropy: crossEntropy,
  SegSoftmaxDivergence: divergence,
  SegStripPool: stripPooling,
  Softmax: softmax,
}
