import type { GradConfig } from '../tf.ts'
import { activations } from './activations.ts'
import { arithmetic } from './arithmetic.ts'
import { convolutions } from './convolution.ts'
import { elementaryFunctions } from './elementary-functions.ts'
import { fused } from './fused.ts'
import { joining } from './joining.ts'
import { layout } from './layout.ts'
import { matrices } from './matrices.ts'
import { normalisation } from './normalisation.ts'
import { padding } from './padding.ts'
import { piecewiseConstant } from './piecewise-constant.ts'
import { pooling } from './pooling.ts'
import { reductions } from './reductions.ts'
import { resizes } from './resize.ts'
import { selection } from './selection.ts'
import { slicing } from './slicing.ts'
import { transcendentals } from './transcendental.ts'

/**
 * Gradients of tfjs's own kernels, so that any tfjs code in a plugin trains right.
 *
 * tfjs registers none in plain Node; where its own set is loaded, several are wrong (half-pixel resizing, padded
 * average pools, `ceil` rounding, mirror padding, broadcast extrema and squared differences) or missing (dilated
 * convolutions, top-k, gather and scatter by coordinates, strided slices, Einstein sums, comparisons). These are
 * checked against central differences in float64 (`packages/core/test/gradients.test.ts`). They upload nothing but
 * scalars on backends that follow our contract.
 */
export const gradients: readonly GradConfig[] = [
  ...arithmetic,
  ...elementaryFunctions,
  ...transcendentals,
  ...activations,
  ...piecewiseConstant,
  ...reductions,
  ...matrices,
  ...layout,
  ...joining,
  ...padding,
  ...slicing,
  ...selection,
  ...convolutions,
  ...pooling,
  ...resizes,
  ...normalisation,
  ...fused,
]
