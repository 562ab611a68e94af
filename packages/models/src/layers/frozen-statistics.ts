import type { LayerContext } from '@limbeck/core'

/** The same context for a part whose normalisation keeps its running statistics while the rest trains. */
export const withFrozenStatistics = (context: LayerContext): LayerContext =>
  context.mode === 'train' ? { ...context, mode: 'frozen-statistics' } : context
