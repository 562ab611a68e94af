import { layoutKernels } from '@limbeck/core/kernels'
import { adamKernels } from './adam.ts'
import { addNKernels } from './add-n.ts'
import { argExtremeKernels } from './arg-extreme.ts'
import { batchNormKernels } from './batch-norm.ts'
import { biasGradKernels } from './bias-grad.ts'
import { binaryKernels } from './binary.ts'
import { castKernels } from './cast.ts'
import { confusionKernels } from './confusion.ts'
import { convolutionsOfRef } from './convolutions.ts'
import { cumulateKernels } from './cumulate.ts'
import { einsumKernels } from './einsum.ts'
import { gatherKernels } from './gather.ts'
import { globalNormKernels } from './global-norm.ts'
import type { KernelTable } from './kernel.ts'
import { lerpKernels } from './lerp.ts'
import { matmulKernels } from './matmul.ts'
import { oneHotKernels } from './one-hot.ts'
import { overlapLossKernels } from './overlap-loss.ts'
import { polyphaseKernels } from './polyphase.ts'
import { poolKernels } from './pool.ts'
import { reduceKernels } from './reduce.ts'
import { regionSumsKernels } from './region-sums.ts'
import { resizeBilinearKernels } from './resize-bilinear.ts'
import { resizeNearestKernels } from './resize-nearest.ts'
import { scatterKernels } from './scatter.ts'
import { segMaxPoolKernels } from './seg-max-pool.ts'
import { selectKernels } from './select.ts'
import { sgdKernels } from './sgd.ts'
import { softmaxKernels } from './softmax.ts'
import { softmaxCrossEntropyKernels } from './softmax-cross-entropy.ts'
import { softmaxDivergenceKernels } from './softmax-divergence.ts'
import { stripPoolKernels } from './strip-pool.ts'
import { topKKernels } from './top-k.ts'
import { unaryKernels } from './unary.ts'

/** Every kernel of the reference backend, by its registered name. */
export const kernels: KernelTable = {
  ...adamKernels,
  ...addNKernels,
  ...argExtremeKernels,
  ...batchNormKernels,
  ...biasGradKernels,
  ...binaryKernels,
  ...castKernels,
  ...confusionKernels,
  ...convolutionsOfRef,
  ...cumulateKernels,
  ...einsumKernels,
  ...gatherKernels,
  ...globalNormKernels,
  ...layoutKernels,
  ...lerpKernels,
  ...matmulKernels,
  ...oneHotKernels,
  ...overlapLossKernels,
  ...polyphaseKernels,
  ...poolKernels,
  ...reduceKernels,
  ...regionSumsKernels,
  ...resizeBilinearKernels,
  ...resizeNearestKernels,
  ...scatterKernels,
  ...segMaxPoolKernels,
  ...selectKernels,
  ...sgdKernels,
  ...softmaxCrossEntropyKernels,
  ...softmaxDivergenceKernels,
  ...softmaxKernels,
  ...stripPoolKernels,
  ...topKKernels,
  ...unaryKernels,
}
