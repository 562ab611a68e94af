import {
  adamUpdateOp,
  batchNormOp,
  confusionOp,
  conv2dOp,
  copyOp,
  globalNormOp,
  lerpOp,
  maxPoolOp,
  type Op,
  overlapLossOp,
  polyphaseOp,
  regionSumsOp,
  type SegKernelName,
  sgdUpdateOp,
  softmaxCrossEntropyOp,
  softmaxDivergenceOp,
  stripPoolOp,
  type Tensor,
  tf,
} from '@limbeck/core'
import type { TensorData } from './fill.ts'
import type { KernelCall, KernelSpec } from './kernel-spec.ts'

/** An op, whatever its inputs. */
export type AnyOp = Op<Readonly<Record<string, Tensor | undefined>>, SegKernelName>

/** Every op of core that has a kernel of its own. */
export const coarseOps: readonly AnyOp[] = [
  adamUpdateOp,
  batchNormOp,
  confusionOp,
  conv2dOp,
  copyOp,
  globalNormOp,
  lerpOp,
  maxPoolOp,
  overlapLossOp,
  polyphaseOp,
  regionSumsOp,
  sgdUpdateOp,
  softmaxCrossEntropyOp,
  softmaxDivergenceOp,
  stripPoolOp,
] as unknown as AnyOp[]

/** A tensor on the active backend. */
export const toTensor = ({ shape, values, dtype }: TensorData): Tensor =>
  // the engine takes every array as it is, which tf.tensor does not
  tf.engine().makeTensor(values as tf.backend_util.BackendValues as Float32Array, [...shape], dtype)

/** The inputs of a call as tensors on the active backend. */
export const toTensors = ({ inputs }: KernelCall): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, toTensor(data)]))

/** Runs a kernel by name on the active backend; inputs named 0, 1, … are a list. Always a list of outputs. */
export function runKernel(kernel: string, inputs: Readonly<Record<string, Tensor>>, attrs: object): Tensor[] {
  const given = '0' in inputs ? Object.values(inputs) : inputs
  const outputs = tf.engine().runKernel(kernel, given as never, attrs as never) as Tensor | Tensor[]
  return Array.isArray(outputs) ? outputs : [outputs]
}

/** Runs the differentiable function that a spec describes; only the outputs through which gradient flows. */
export function runDifferentiable(
  { kernel, differentiableOutputs }: KernelSpec,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: object,
): Tensor[] {
  const op = coarseOps.find(({ spec }) => spec.kernel === kernel)
  const outputs = op ? op(inputs, attrs as never) : runKernel(kernel, inputs, attrs)
  return differentiableOutputs
    ? differentiableOutputs.map((i) => outputs[i]!)
    : outputs.filter(({ dtype }) => dtype === 'float32')
}
