import { runKernel } from '../engine.ts'
import { type Tensor, tf } from '../tf.ts'

/** Runs a kernel with one output on the active backend. */
export const run = (name: string, inputs: Readonly<Record<string, Tensor>>, attrs: object = {}): Tensor =>
  runKernel(name, inputs, attrs) as Tensor

/** Whether the active backend has this kernel. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined

/**
 * Whether the active backend follows our contract, so that tfjs's gradient kernels on it honour dilations, padding
 * and rounding. tfjs's own backends do not, and get composites of plain ops instead.
 */
export const followsContract = (): boolean => hasKernel('SegConv2D')

/** Zeros made by a kernel; `tf.zeros` would make them on the host and upload them. */
export const zeros = (shape: readonly number[]): Tensor =>
  run('Fill', {}, { shape, value: 0, dtype: 'float32' })
