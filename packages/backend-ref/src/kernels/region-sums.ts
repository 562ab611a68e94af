import type { RegionSumsAttrs, SegKernels } from '@limbeck/core'
import { aroundAxis } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { softmaxOfLine } from './softmax.ts'

/** Whether a pixel takes part in any sum. */
const counts = (label: number, classes: number, { ignoreLabel }: RegionSumsAttrs): boolean =>
  label !== ignoreLabel && label >= 0 && label < classes

const regionSums: RefKernel<Inputs<'logits' | 'labels'>, RegionSumsAttrs> = (inputs, attrs, backend) => {
  const [batch] = inputs.logits.shape as [number]
  const classes = inputs.logits.shape.at(-1)!
  const logits = backend.values(inputs.logits)
  const labels = backend.values(inputs.labels)
  const pixels = aroundAxis(inputs.labels.shape, 0).inner
  const p = new Float64Array(classes)
  const intersection = new Float64Array(batch * classes)
  const predicted = new Float64Array(batch * classes)
  const actual = new Float64Array(batch * classes)
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const label = labels[pixel]!
    if (!counts(label, classes, attrs)) continue
    const image = Math.floor(pixel / pixels) * classes
    softmaxOfLine(logits, pixel * classes, 1, p)
    for (let c = 0; c < classes; c++) predicted[image + c]! += attrs.squared ? p[c]! * p[c]! : p[c]!
    intersection[image + label]! += p[label]!
    actual[image + label]! += 1
  }
  return [intersection, predicted, actual].map((sums) => {
    const { info, values } = backend.allocate([batch, classes], 'float32')
    values.set(sums)
    return info
  })
}

type GradInputs = Inputs<SegKernels['SegRegionSumsGrad']['inputs']>

const regionSumsGrad: RefKernel<GradInputs, RegionSumsAttrs> = (inputs, attrs, backend) => {
  const classes = inputs.logits.shape.at(-1)!
  const logits = backend.values(inputs.logits)
  const labels = backend.values(inputs.labels)
  const dIntersection = backend.values(inputs.dIntersection)
  const dPredicted = backend.values(inputs.dPredicted)
  const pixels = aroundAxis(inputs.labels.shape, 0).inner
  const p = new Float64Array(classes)
  const slopes = new Float64Array(classes) // of the loss by each probability of the pixel
  const { info, values } = backend.allocate(inputs.logits.shape, 'float32')
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const label = labels[pixel]!
    if (!counts(label, classes, attrs)) continue
    const image = Math.floor(pixel / pixels) * classes
    softmaxOfLine(logits, pixel * classes, 1, p)
    let mean = 0
    for (let c = 0; c < classes; c++) {
      const own = c === label ? dIntersection[image + c]! : 0
      slopes[c] = own + dPredicted[image + c]! * (attrs.squared ? 2 * p[c]! : 1)
      mean += slopes[c]! * p[c]!
    }
    for (let c = 0; c < classes; c++) values[pixel * classes + c] = p[c]! * (slopes[c]! - mean)
  }
  return info
}

export const regionSumsKernels = {
  SegRegionSums: regionSums,
  SegRegionSumsGrad: regionSumsGrad,
} satisfies KernelTable
