import type { SgdAttrs, TensorInfo } from '@limbeck/core'
import type { KernelTable, RefKernel } from './kernel.ts'

/** PyTorch's SGD on `count` parameters, in place: decay, then momentum, then the step. */
const sgd: RefKernel<Readonly<Record<string, TensorInfo>>, SgdAttrs> = (inputs, attrs, backend) => {
  const { count, learningRates, weightDecays, momentum, nesterov, first } = attrs
  const scale = inputs.gradScale ? backend.values(inputs.gradScale)[0]! : 1
  for (let k = 0; k < count; k++) {
    const p = backend.values(inputs[`p${k}`]!)
    const g = backend.values(inputs[`g${k}`]!)
    const buffer = inputs[`m${k}`]
    const m = buffer && backend.values(buffer)
    const learningRate = learningRates[k]!
    const decay = weightDecays[k]!
    for (let i = 0; i < p.length; i++) {
      const slope = g[i]! * scale + decay * p[i]!
      let direction = slope
      if (m) {
        const velocity = first ? slope : momentum * m[i]! + slope
        m[i] = velocity
        direction = nesterov ? slope + momentum * velocity : velocity
      }
      p[i] = p[i]! - learningRate * direction
    }
  }
  return backend.token()
}

export const sgdKernels = { SegSgd: sgd } satisfies KernelTable
