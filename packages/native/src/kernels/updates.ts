import { type AdamAttrs, type SegKernels, type SgdAttrs, type TensorInfo, tf } from '@limbeck/core'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Tensors by name and number: `p0`, `g0`, … */
type Numbered = Readonly<Record<string, TensorInfo>>

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k)

const countsOf = (inputs: Numbered, name: string, count: number): number[] =>
  range(count).map((k) => tf.util.sizeFromShape(inputs[`${name}${k}`]!.shape))

/** target ← target + rate · (scale · source − target), in place. */
const lerp: NativeKernel<Inputs<'target' | 'source'>, SegKernels['SegLerp']['attrs']> = (
  { target, source },
  { rate, scale },
  backend,
) => {
  backend.run('lerp', { target, source }, { count: tf.util.sizeFromShape(target.shape) }, { rate, scale })
  return backend.token()
}

/** √Σ g² over all elements of all inputs. */
const globalNorm: NativeKernel<Numbered, SegKernels['SegGlobalNorm']['attrs']> = (
  inputs,
  { count },
  backend,
) => {
  const y = backend.empty([], 'float32')
  const gradients = range(count).map((k) => inputs[`g${k}`])
  backend.run('globalNorm', [...gradients, y], { tensors: count, counts: countsOf(inputs, 'g', count) })
  return y
}

/** PyTorch's SGD on `count` parameters, in place: decay, then momentum, then the step. */
const sgd: NativeKernel<Numbered, SgdAttrs> = (inputs, attrs, backend) => {
  const { count, nesterov, first } = attrs
  const tensors = range(count).flatMap((k) => [inputs[`p${k}`], inputs[`g${k}`], inputs[`m${k}`]])
  backend.run(
    'sgd',
    [...tensors, inputs.gradScale],
    { tensors: count, nesterov, first, counts: countsOf(inputs, 'p', count) },
    attrs,
  )
  return backend.token()
}

/** Adam (Kingma & Ba, 2015) or, with `decoupled`, AdamW (Loshchilov & Hutter, 2019) on `count` parameters, in place. */
const adam: NativeKernel<Numbered, AdamAttrs> = (inputs, attrs, backend) => {
  const { count, beta1, beta2, step, decoupled } = attrs
  const tensors = range(count).flatMap((k) => ['p', 'g', 'm', 'v'].map((name) => inputs[`${name}${k}`]))
  backend.run(
    'adam',
    [...tensors, inputs.gradScale],
    { tensors: count, decoupled, counts: countsOf(inputs, 'p', count) },
    { ...attrs, correction1: 1 - beta1 ** step, correction2: 1 - beta2 ** step },
  )
  return backend.token()
}

/** Kernels that run over lists of tensors or change them in place. */
export const updateKernels = {
  SegAdam: adam,
  SegGlobalNorm: globalNorm,
  SegLerp: lerp,
  SegSgd: sgd,
} satisfies KernelTable
