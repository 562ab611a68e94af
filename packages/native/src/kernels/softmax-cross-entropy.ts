import { type CrossEntropyAttrs, type TensorInfo, tf } from '@limbeck/core'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

const intsOf = (labels: TensorInfo, { groups, ignoreLabel }: CrossEntropyAttrs) => ({
  rows: tf.util.sizeFromShape(labels.shape),
  channels: groups.length,
  ignoreLabel,
  groups,
})

type ForwardInputs = Inputs<'logits' | 'labels', 'classWeights'>

const crossEntropy: NativeKernel<ForwardInputs, CrossEntropyAttrs> = (inputs, attrs, backend) => {
  const labels = converted(backend, inputs.labels, 'int32')
  const loss = backend.empty(labels.shape, 'float32')
  const weight = backend.empty(labels.shape, 'float32')
  backend.run('crossEntropy', { ...inputs, labels, loss, weight }, intsOf(labels, attrs), attrs)
  return [loss, weight]
}

const crossEntropyGrad: NativeKernel<ForwardInputs & Inputs<'dy'>, CrossEntropyAttrs> = (
  inputs,
  attrs,
  backend,
) => {
  const labels = converted(backend, inputs.labels, 'int32')
  const dlogits = backend.empty(inputs.logits.shape, 'float32')
  backend.run('crossEntropyGrad', { ...inputs, labels, dlogits }, intsOf(labels, attrs), attrs)
  return dlogits
}

export const softmaxCrossEntropyKernels = {
  SegSoftmaxCrossEntropy: crossEntropy,
  SegSoftmaxCrossEntropyGrad: crossEntropyGrad,
} satisfies KernelTable
