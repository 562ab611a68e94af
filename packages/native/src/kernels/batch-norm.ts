import { type SegKernels, type TensorInfo, tf } from '@limbeck/core'
import { aroundAxis, broadcast } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

type FusedInputs = Inputs<'x' | 'mean' | 'variance', 'scale' | 'offset'>

const sizeOf = (x: TensorInfo): number => tf.util.sizeFromShape(x.shape)

/** (x − mean) / √(variance + ε) · scale + offset, the parameters repeating over the last axes of x. */
const fusedBatchNorm: NativeKernel<FusedInputs, tf.FusedBatchNormAttrs> = (
  { x, mean, variance, scale, offset },
  { varianceEpsilon },
  backend,
) => {
  const parameters = [mean, variance, scale, offset].filter((p) => p !== undefined)
  const channels = Math.max(...parameters.map(sizeOf))
  // each parameter may be a scalar or have any length that divides the longest
  const whole = <P extends TensorInfo | undefined>(p: P): P | TensorInfo => {
    if (p === undefined || sizeOf(p) === channels) return p
    return broadcast(backend, { ...p, shape: [1, sizeOf(p)] }, [channels / sizeOf(p), sizeOf(p)])
  }
  const y = backend.empty(x.shape, 'float32')
  backend.run(
    'batchNorm',
    { x, mean: whole(mean), variance: whole(variance), scale: whole(scale), offset: whole(offset), y },
    { rows: sizeOf(x) / Math.max(channels, 1), channels, relu: false },
    { epsilon: varianceEpsilon },
  )
  return y
}

type TrainAttrs = SegKernels['SegBatchNormTrain']['attrs']

function intsOf(x: TensorInfo, { relu }: TrainAttrs) {
  const { outer, size } = aroundAxis(x.shape, x.shape.length - 1)
  return { rows: outer, channels: size, relu }
}

/** x [..., C] → y, mean [C], variance [C]. */
const batchNormTrain: NativeKernel<Inputs<'x' | 'scale' | 'offset'>, TrainAttrs> = (
  inputs,
  attrs,
  backend,
) => {
  const { x } = inputs
  const y = backend.empty(x.shape, 'float32')
  const mean = backend.empty(x.shape.slice(-1), 'float32')
  const variance = backend.empty(x.shape.slice(-1), 'float32')
  const { epsilon } = attrs
  backend.run('batchNormTrain', { ...inputs, y, mean, variance }, intsOf(x, attrs), { epsilon })
  return [y, mean, variance]
}

type GradInputs = Inputs<'dy' | 'x' | 'scale' | 'offset' | 'mean' | 'variance'>

const batchNormTrainGrad: NativeKernel<GradInputs, TrainAttrs> = (inputs, attrs, backend) => {
  const { x } = inputs
  const dx = backend.empty(x.shape, 'float32')
  const dscale = backend.empty(x.shape.slice(-1), 'float32')
  const doffset = backend.empty(x.shape.slice(-1), 'float32')
  const { epsilon } = attrs
  backend.run('batchNormTrainGrad', { ...inputs, dx, dscale, doffset }, intsOf(x, attrs), { epsilon })
  return [dx, dscale, doffset]
}

export const batchNormKernels = {
  FusedBatchNorm: fusedBatchNorm,
  SegBatchNormTrain: batchNormTrain,
  SegBatchNormTrainGrad: batchNormTrainGrad,
} satisfies KernelTable
