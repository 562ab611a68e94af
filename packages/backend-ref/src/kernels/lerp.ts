import type { SegKernels } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** target ← target + rate · (scale · source − target), in place. */
const lerp: RefKernel<Inputs<'target' | 'source'>, SegKernels['SegLerp']['attrs']> = (
  { target, source },
  { rate, scale },
  backend,
) => {
  const to = backend.values(target)
  const from = backend.values(source)
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + rate * (scale * from[i]! - to[i]!)
  return backend.token()
}

export const lerpKernels = { SegLerp: lerp } satisfies KernelTable
