import type { SegKernels, tf } from '@limbeck/core'
import type { Values } from '../storage.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

type FusedInputs = Inputs<'x' | 'mean' | 'variance', 'scale' | 'offset'>

/** (x − mean) / √(variance + ε) · scale + offset, the parameters repeating over the last axes of x. */
const fusedBatchNorm: RefKernel<FusedInputs, tf.FusedBatchNormAttrs> = (
  inputs,
  { varianceEpsilon },
  backend,
) => {
  const { x, scale, offset } = inputs
  const from = backend.values(x)
  const mean = backend.values(inputs.mean)
  const variance = backend.values(inputs.variance)
  const factors = scale ? backend.values(scale) : Float64Array.of(1)
  const offsets = offset ? backend.values(offset) : Float64Array.of(0)
  const { info, values } = backend.allocate(x.shape, 'float32')
  // each parameter may be a scalar or have any length that divides the size of x
  for (let at = 0; at < from.length; at++) {
    const rstd = 1 / Math.sqrt(variance[at % variance.length]! + varianceEpsilon)
    const normal = (from[at]! - mean[at % mean.length]!) * rstd
    values[at] = normal * factors[at % factors.length]! + offsets[at % offsets.length]!
  }
  return info
}

type TrainAttrs = SegKernels['SegBatchNormTrain']['attrs']

/** Mean and biased variance of each channel, in two passes: no cancellation when the mean is large. */
function moments(
  x: Values,
  channels: number,
): { readonly mean: Float64Array; readonly variance: Float64Array } {
  const count = x.length / channels
  const mean = new Float64Array(channels)
  const variance = new Float64Array(channels)
  for (let at = 0; at < x.length; at += channels) {
    for (let c = 0; c < channels; c++) mean[c]! += x[at + c]!
  }
  for (let c = 0; c < channels; c++) mean[c]! /= count
  for (let at = 0; at < x.length; at += channels) {
    for (let c = 0; c < channels; c++) variance[c]! += (x[at + c]! - mean[c]!) ** 2
  }
  for (let c = 0; c < channels; c++) variance[c]! /= count
  return { mean, variance }
}

/** x [..., C] → y, mean [C], variance [C]; y is normalised by the statistics before they are rounded. */
const batchNormTrain: RefKernel<Inputs<'x' | 'scale' | 'offset'>, TrainAttrs> = (
  { x, scale, offset },
  { epsilon, relu },
  backend,
) => {
  const channels = x.shape.at(-1)!
  const from = backend.values(x)
  const statistics = moments(from, channels)
  const factors = new Float64Array(channels)
  const offsets = new Float64Array(channels)
  for (let c = 0; c < channels; c++) {
    factors[c] = backend.values(scale)[c]! / Math.sqrt(statistics.variance[c]! + epsilon)
    offsets[c] = backend.values(offset)[c]!
  }
  const y = backend.allocate(x.shape, 'float32')
  for (let at = 0; at < from.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      const value = (from[at + c]! - statistics.mean[c]!) * factors[c]! + offsets[c]!
      y.values[at + c] = relu ? Math.max(value, 0) : value
    }
  }
  const mean = backend.allocate([channels], 'float32')
  const variance = backend.allocate([channels], 'float32')
  mean.values.set(statistics.mean)
  variance.values.set(statistics.variance)
  return [y.info, mean.info, variance.info]
}

type GradInputs = Inputs<'dy' | 'x' | 'scale' | 'offset' | 'mean' | 'variance'>

/**
 * With x̂ = (x − mean) · rstd and M values a channel: doffset = Σ dy, dscale = Σ dy·x̂ and
 * dx = scale · rstd · (dy − doffset / M − x̂ · dscale / M), dy being 0 where the activation cut.
 */
const batchNormTrainGrad: RefKernel<GradInputs, TrainAttrs> = (inputs, { epsilon, relu }, backend) => {
  const { x } = inputs
  const channels = x.shape.at(-1)!
  const from = backend.values(x)
  const dy = backend.values(inputs.dy)
  const scale = backend.values(inputs.scale)
  const offset = backend.values(inputs.offset)
  const mean = backend.values(inputs.mean)
  const rstd = Float64Array.from(
    backend.values(inputs.variance),
    (variance) => 1 / Math.sqrt(variance + epsilon),
  )

  const dScale = new Float64Array(channels)
  const dOffset = new Float64Array(channels)
  for (let at = 0; at < from.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      const normal = (from[at + c]! - mean[c]!) * rstd[c]!
      if (relu && normal * scale[c]! + offset[c]! <= 0) continue
      dOffset[c]! += dy[at + c]!
      dScale[c]! += dy[at + c]! * normal
    }
  }

  const count = from.length / channels
  const dx = backend.allocate(x.shape, 'float32')
  for (let at = 0; at < from.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      const normal = (from[at + c]! - mean[c]!) * rstd[c]!
      const slope = relu && normal * scale[c]! + offset[c]! <= 0 ? 0 : dy[at + c]!
      const centred = slope - (dOffset[c]! + normal * dScale[c]!) / count
      dx.values[at + c] = scale[c]! * rstd[c]! * centred
    }
  }
  const dscale = backend.allocate([channels], 'float32')
  const doffset = backend.allocate([channels], 'float32')
  dscale.values.set(dScale)
  doffset.values.set(dOffset)
  return [dx.info, dscale.info, doffset.info]
}

export const batchNormKernels = {
  FusedBatchNorm: fusedBatchNorm,
  SegBatchNormTrain: batchNormTrain,
  SegBatchNormTrainGrad: batchNormTrainGrad,
} satisfies KernelTable
