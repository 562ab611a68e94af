import { type LayerContext, type Tensor4D, tf } from '@limbeck/core'
import type { Layer } from './layer.ts'

/** One layer after the other. What lies between is freed on the way, unless a tape saves it for the backward pass. */
export const inSequence = (layers: readonly Layer[], x: Tensor4D, context: LayerContext): Tensor4D =>
  tf.tidy(() => layers.reduce((map, layer) => tf.tidy(() => layer.forward(map, context)), x))
