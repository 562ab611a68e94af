import {
  batchNormOp,
  conv2dOp,
  maxPoolOp,
  type Op,
  regionSumsOp,
  softmaxCrossEntropyOp,
  softmaxDivergenceOp,
  stripPoolOp,
  type Tensor,
  tf,
} from '@limbeck/core'
import type { TensorData } from './fill.ts'
import type { KernelCall, KernelSpec } from './kernel-spec.ts'

/** The differentiable ops behind our kernels; the gradient of any other kernel is found by its name. */
const ops = new Map(
  [
    batchNormOp,
    conv2dOp,
    maxPoolOp,
    regionSumsOp,
    softmaxCrossEntropyOp,
    softmaxDivergenceOp,
    stripPoolOp,
  ].map((op) => [op.spec.kernel as string, op as unknown as Op<Readonly<Record<string, Tensor>>, never>]),
)

/** The op whose forward kernel it is, if it is one of ours. */
export const opOf = (kernel: string): Op<Readonly<Record<string, Tensor>>, never> | undefined =>
  ops.get(kernel)

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
  const op = opOf(kernel)
  const outputs = op ? op(inputs, attrs as never) : runKernel(kernel, inputs, attrs)
  return differentiableOutputs
    ? differentiableOutputs.map((i) => outputs[i]!)
    : outputs.filter(({ dtype }) => dtype === 'float32')
}
