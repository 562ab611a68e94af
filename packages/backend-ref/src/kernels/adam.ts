import type { AdamAttrs, TensorInfo } from '@limbeck/core'
import type { KernelTable, RefKernel } from './kernel.ts'

/** Adam (Kingma & Ba, 2015) or, with `decoupled`, AdamW (Loshchilov & Hutter, 2019) on `count` parameters, in place. */
const adam: RefKernel<Readonly<Record<string, TensorInfo>>, AdamAttrs> = (inputs, attrs, backend) => {
  const { count, learningRates, weightDecays, beta1, beta2, epsilon, step, decoupled } = attrs
  const scale = inputs.gradScale ? backend.values(inputs.gradScale)[0]! : 1
  const correction1 = 1 - beta1 ** step
  const correction2 = 1 - beta2 ** step
  for (let k = 0; k < count; k++) {
    const p = backend.values(inputs[`p${k}`]!)
    const g = backend.values(inputs[`g${k}`]!)
    const m = backend.values(inputs[`m${k}`]!)
    const v = backend.values(inputs[`v${k}`]!)
    const learningRate = learningRates[k]!
    const decay = weightDecays[k]!
    for (let i = 0; i < p.length; i++) {
      const slope = g[i]! * scale + (decoupled ? 0 : decay * p[i]!)
      const mean = beta1 * m[i]! + (1 - beta1) * slope
      const square = beta2 * v[i]! + (1 - beta2) * slope * slope
      m[i] = mean
      v[i] = square
      const kept = decoupled ? p[i]! * (1 - learningRate * decay) : p[i]!
      p[i] = kept - (learningRate * (mean / correction1)) / (Math.sqrt(square / correction2) + epsilon)
    }
  }
  return backend.token()
}

export const adamKernels = { SegAdam: adam } satisfies KernelTable
