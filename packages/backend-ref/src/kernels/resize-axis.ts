/** How a resize places its samples; both false is TensorFlow 1's, `halfPixelCenters` PyTorch's without align_corners. */
export interface ResizeMode {
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

/** Steps in the input from one output sample to the next. */
const scaleOf = (input: number, output: number, { alignCorners }: ResizeMode): number =>
  alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output

/** For each output sample of an axis, the two input samples it lies between and how near to the second. */
export interface LinearSamples {
  readonly low: Int32Array
  readonly high: Int32Array
  /** Weight of `high`; `low` has the rest. */
  readonly weight: Float64Array
}

export function linearSamples(input: number, output: number, mode: ResizeMode): LinearSamples {
  const scale = scaleOf(input, output, mode)
  const shift = mode.halfPixelCenters ? 0.5 : 0
  const place = (i: number) => Math.max(0, scale * (i + shift) - shift)
  return {
    low: Int32Array.from({ length: output }, (_, i) => Math.min(input - 1, Math.floor(place(i)))),
    high: Int32Array.from({ length: output }, (_, i) => Math.min(input - 1, Math.ceil(place(i)))),
    weight: Float64Array.from({ length: output }, (_, i) => place(i) - Math.floor(place(i))),
  }
}

/** For each output sample of an axis, the input sample it copies. */
export function nearestSamples(input: number, output: number, mode: ResizeMode): Int32Array {
  const scale = scaleOf(input, output, mode)
  const round = mode.alignCorners ? Math.round : Math.floor
  const shift = mode.halfPixelCenters ? 0.5 : 0
  return Int32Array.from({ length: output }, (_, i) => Math.min(input - 1, round(scale * (i + shift))))
}
