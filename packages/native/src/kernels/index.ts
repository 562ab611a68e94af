import { layoutKernels } from '@limbeck/core/kernels'
import { addNKernels } from './add-n.ts'
import { argExtremeKernels } from './arg-extreme.ts'
import { batchNormKernels } from './batch-norm.ts'
import { binaryKernels } from './binary.ts'
import { castKernels } from './cast.ts'
import { confusionKernels } from './confusion.ts'
import { convolutionsOfNative } from './convolutions.ts'
import { cumulateKernels } from './cumulate.ts'
import { einsumKernels } from './einsum.ts'
import { gatherKernels } from './gather.ts'
import type { KernelTable } from './kernel.ts'
import { matmulKernels } from './matmul.ts'
import { oneHotKernels } from './one-hot.ts'
import { overlapLossKernels } from './overlap-loss.ts'
import { polyphaseKernels } from './polyphase.ts'
import { poolKernels } from './pool.ts'
import { reduceKernels } from './reduce.ts'
import { regionSumsKernels } from './region-sums.ts'
import { resizeKernels } from './resize.ts'
import { scatterKernels } from './scatter.ts'
import { selectKernels } from './select.ts'
import { softmaxKernels } from './softmax.ts'
import { softmaxCrossEntropyKernels } from './softmax-cross-entropy.ts'
import { softmaxDivergenceKernels } from './softmax-divergence.ts'
import { stripPoolKernels } from './strip-pool.ts'
import { topKKernels } from './top-k.ts'
import { unaryKernels } from './unary.ts'
import { updateKernels } from './updates.ts'

/** Every kernel of a native backend, by its registered name: those of the reference, lowered to native launches. */
export const kernels: KernelTable = {
  ...addNKernels,
  ...argExtremeKernels,
  ...batchNormKernels,
  ...binaryKernels,
  ...castKernels,
  ...confusionKernels,
  ...convolutionsOfNative,
  ...cumulateKernels,
  ...einsumKernels,
  ...gatherKernels,
  ...layoutKernels,
  ...matmulKernels,
  ...oneHotKernels,
  ...overlapLossKernels,
  ...polyphaseKernels,
  ...poolKernels,
  ...reduceKernels,
  ...regionSumsKernels,
  ...resizeKernels,
  ...scatterKernels,
  ...selectKernels,
  ...softmaxCrossEntropyKernels,
  ...softmaxDivergenceKernels,
  ...softmaxKernels,
  ...stripPoolKernels,
  ...topKKernels,
  ...unaryKernels,
  ...updateKernels,
}
