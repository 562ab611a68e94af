import { elementwiseSpecs } from './elementwise.ts'
import type { KernelSpec } from './kernel-spec.ts'
import { layoutSpecs } from './layout.ts'
import { matrixSpecs } from './matrices.ts'
import { normalisationSpecs } from './normalisation.ts'
import { reductionSpecs } from './reductions.ts'
import { resizingSpecs } from './resizing.ts'
import { segLossSpecs } from './seg-losses.ts'
import { segMapSpecs } from './seg-maps.ts'
import { segUpdateSpecs } from './seg-updates.ts'
import { selectionSpecs } from './selection.ts'
import { stockWindowSpecs } from './stock-windows.ts'

export type { Bound } from './bound.ts'
export * from './compare-kernel.ts'
export { Fill, type Filling, type TensorData } from './fill.ts'
export type { KernelCall, KernelSpec } from './kernel-spec.ts'
export * from './run-kernel.ts'

/** How every kernel of the contract is tried. */
export const kernelSpecs: readonly KernelSpec[] = [
  ...elementwiseSpecs,
  ...layoutSpecs,
  ...matrixSpecs,
  ...normalisationSpecs,
  ...reductionSpecs,
  ...resizingSpecs,
  ...segLossSpecs,
  ...segMapSpecs,
  ...segUpdateSpecs,
  ...selectionSpecs,
  ...stockWindowSpecs,
]
