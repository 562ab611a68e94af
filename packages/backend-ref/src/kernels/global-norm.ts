import type { SegKernels, TensorInfo } from '@limbeck/core'
import type { KernelTable, RefKernel } from './kernel.ts'

/** √Σ g² over all elements of all inputs. */
const globalNorm: RefKernel<Readonly<Record<string, TensorInfo>>, SegKernels['SegGlobalNorm']['attrs']> = (
  inputs,
  { count },
  backend,
) => {
  let sum = 0
  for (let k = 0; k < count; k++) {
    const g = backend.values(inputs[`g${k}`]!)
    for (let i = 0; i < g.length; i++) sum += g[i]! * g[i]!
  }
  const { info, values } = backend.allocate([], 'float32')
  values[0] = Math.sqrt(sum)
  return info
}

export const globalNormKernels = { SegGlobalNorm: globalNorm } satisfies KernelTable
