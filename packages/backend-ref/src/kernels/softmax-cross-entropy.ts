import { type CrossEntropyAttrs, SMALLEST_BASE } from '@limbeck/core'
import type { Values } from '../storage.ts'
import { FoldedSoftmax } from './folded-softmax.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** The group of each pixel's label, or −1 where the pixel takes no part. */
const groupOf = (label: number, { groups, ignoreLabel }: CrossEntropyAttrs): number =>
  label === ignoreLabel ? -1 : (groups[label] ?? -1)

/** The factor (1 − p)^gamma of focal loss, from log p. */
function focus(logP: number, gamma: number): number {
  if (gamma === 0) return 1
  const missing = -Math.expm1(logP) // 1 − p without cancellation
  return (gamma < 1 ? Math.max(missing, SMALLEST_BASE) : missing) ** gamma
}

/** Its derivative by log p: −gamma · p · (1 − p)^(gamma − 1). */
function focusSlope(logP: number, gamma: number): number {
  const missing = -Math.expm1(logP)
  if (gamma === 0 || (gamma < 1 && missing < SMALLEST_BASE)) return 0
  return -gamma * Math.exp(logP) * missing ** (gamma - 1)
}

type ForwardInputs = Inputs<'logits' | 'labels', 'classWeights'>

const crossEntropy: RefKernel<ForwardInputs, CrossEntropyAttrs> = (inputs, attrs, backend) => {
  const { gamma, smoothing } = attrs
  const classes = attrs.groups.length
  const labels = backend.values(inputs.labels)
  const weights = inputs.classWeights && backend.values(inputs.classWeights)
  const softmax = new FoldedSoftmax(backend.values(inputs.logits), attrs.groups)
  const loss = backend.allocate(inputs.labels.shape, 'float32')
  const weight = backend.allocate(inputs.labels.shape, 'float32')
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const group = groupOf(labels[pixel]!, attrs)
    if (group < 0) continue
    softmax.read(pixel)
    const logP = softmax.logP(group)
    const w = weights ? weights[group]! : 1
    let total = -(1 - smoothing) * w * focus(logP, gamma) * logP
    if (smoothing > 0) {
      for (let c = 0; c < classes; c++)
        total -= (smoothing / classes) * (weights ? weights[c]! : 1) * softmax.logP(c)
    }
    loss.values[pixel] = total
    weight.values[pixel] = w
  }
  return [loss.info, weight.info]
}

type GradInputs = Inputs<'dy' | 'logits' | 'labels', 'classWeights'>

/** d log p(group) / d logit c = (share of c in its group, if it is that one) − softmax of c. */
const crossEntropyGrad: RefKernel<GradInputs, CrossEntropyAttrs> = (inputs, attrs, backend) => {
  const { groups, gamma, smoothing } = attrs
  const classes = groups.length
  const slopes = backend.values(inputs.dy)
  const labels = backend.values(inputs.labels)
  const weights: Values | undefined = inputs.classWeights && backend.values(inputs.classWeights)
  const softmax = new FoldedSoftmax(backend.values(inputs.logits), groups)
  const dlogits = backend.allocate(inputs.logits.shape, 'float32')
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const group = groupOf(labels[pixel]!, attrs)
    if (group < 0) continue
    softmax.read(pixel)
    const logP = softmax.logP(group)
    const w = weights ? weights[group]! : 1
    softmax.addSlope(group, -(1 - smoothing) * w * (focus(logP, gamma) + focusSlope(logP, gamma) * logP))
    if (smoothing > 0) {
      for (let c = 0; c < classes; c++)
        softmax.addSlope(c, -(smoothing / classes) * (weights ? weights[c]! : 1))
    }
    softmax.writeGradient(dlogits.values, slopes[pixel]!)
  }
  return dlogits.info
}

export const softmaxCrossEntropyKernels = {
  SegSoftmaxCrossEntropy: crossEntropy,
  SegSoftmaxCrossEntropyGrad: crossEntropyGrad,
} satisfies KernelTable
