import { adamKernels } from './adam.ts'
import { addNKernels } from './add-n.ts'
import { argExtremeKernels } from './arg-extreme.ts'
import { batchNormKernels } from './batch-norm.ts'
import { biasGradKernels } from './bias-grad.ts'
import { binaryKernels } from './binary.ts'
import { castKernels } from './cast.ts'
import { concatKernels } from './concat.ts'
import { confusionKernels } from './confusion.ts'
import { conv2dKernels } from './conv2d.ts'
import { cumulateKernels } from './cumulate.ts'
import { einsumKernels } from './einsum.ts'
import { fillKernels } from './fill.ts'
import { gatherKernels } from './gather.ts'
import { globalNormKernels } from './global-norm.ts'
import type { KernelTable } from './kernel.ts'
import { lerpKernels } from './lerp.ts'
import { matmulKernels } from './matmul.ts'
import { overlapLossKernels } from './overlap-loss.ts'
import { padKernels } from './pad.ts'
import { polyphaseKernels } from './polyphase.ts'
import { poolKernels } from './pool.ts'
import { reduceKernels } from './reduce.ts'
import { regionSumsKernels } from './region-sums.ts'
import { resizeBilinearKernels } from './resize-bilinear.ts'
import { resizeNearestKernels } from './resize-nearest.ts'
import { scatterKernels } from './scatter.ts'
import { segConv2DKernels } from './seg-conv2d.ts'
import { segMaxPoolKernels } from './seg-max-pool.ts'
import { selectKernels } from './select.ts'
import { sgdKernels } from './sgd.ts'
import { sliceKernels } from './slice.ts'
import { softmaxKernels } from './softmax.ts'
import { softmaxCrossEntropyKernels } from './softmax-cross-entropy.ts'
import { softmaxDivergenceKernels } from './softmax-divergence.ts'
import { spaceToBatchKernels } from './space-to-batch.ts'
import { splitKernels } from './split.ts'
import { stripPoolKernels } from './strip-pool.ts'
import { tileKernels } from './tile.ts'
import { topKKernels } from './top-k.ts'
import { transposeKernels } from './transpose.ts'
import { unaryKernels } from './unary.ts'
import { viewKernels } from './view.ts'

/** Every kernel of the reference backend, by its registered name. */
export const kernels: KernelTable = {
  ...adamKernels,
  ...addNKernels,
  ...argExtremeKernels,
  ...batchNormKernels,
  ...biasGradKernels,
  ...binaryKernels,
  ...castKernels,
  ...concatKernels,
  ...confusionKernels,
  ...conv2dKernels,
  ...cumulateKernels,
  ...einsumKernels,
  ...fillKernels,
  ...gatherKernels,
  ...globalNormKernels,
  ...lerpKernels,
  ...matmulKernels,
  ...overlapLossKernels,
  ...padKernels,
  ...polyphaseKernels,
  ...poolKernels,
  ...reduceKernels,
  ...regionSumsKernels,
  ...resizeBilinearKernels,
  ...resizeNearestKernels,
  ...scatterKernels,
  ...segConv2DKernels,
  ...segMaxPoolKernels,
  ...selectKernels,
  ...sgdKernels,
  ...sliceKernels,
  ...softmaxCrossEntropyKernels,
  ...softmaxDivergenceKernels,
  ...softmaxKernels,
  ...spaceToBatchKernels,
  ...splitKernels,
  ...stripPoolKernels,
  ...tileKernels,
  ...topKKernels,
  ...transposeKernels,
  ...unaryKernels,
  ...viewKernels,
}
