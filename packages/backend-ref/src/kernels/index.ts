import { addNKernels } from './add-n.ts'
import { argExtremeKernels } from './arg-extreme.ts'
import { binaryKernels } from './binary.ts'
import { castKernels } from './cast.ts'
import { concatKernels } from './concat.ts'
import { conv2dKernels } from './conv2d.ts'
import { cumulateKernels } from './cumulate.ts'
import { fillKernels } from './fill.ts'
import type { KernelTable } from './kernel.ts'
import { matmulKernels } from './matmul.ts'
import { padKernels } from './pad.ts'
import { reduceKernels } from './reduce.ts'
import { segConv2DKernels } from './seg-conv2d.ts'
import { selectKernels } from './select.ts'
import { sliceKernels } from './slice.ts'
import { softmaxKernels } from './softmax.ts'
import { splitKernels } from './split.ts'
import { tileKernels } from './tile.ts'
import { transposeKernels } from './transpose.ts'
import { unaryKernels } from './unary.ts'
import { viewKernels } from './view.ts'

/** Every kernel of the reference backend, by its registered name. */
export const kernels: KernelTable = {
  ...addNKernels,
  ...argExtremeKernels,
  ...binaryKernels,
  ...castKernels,
  ...concatKernels,
  ...conv2dKernels,
  ...cumulateKernels,
  ...fillKernels,
  ...matmulKernels,
  ...padKernels,
  ...reduceKernels,
  ...segConv2DKernels,
  ...selectKernels,
  ...sliceKernels,
  ...softmaxKernels,
  ...splitKernels,
  ...tileKernels,
  ...transposeKernels,
  ...unaryKernels,
  ...viewKernels,
}
