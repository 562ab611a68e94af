import { ConfigError, z } from '@limbeck/core'

/** Options that losses on strip pooling share. */
export const stripOptions = {
  scales: z.array(z.int().positive()).min(1).default([1, 2, 4]).describe('cells per side at each scale'),
  whenTooSmall: z
    .enum(['error', 'skip'])
    .default('error')
    .describe('what to do with scales that have more cells than the map has rows or columns'),
}

/** The scales to pool a map of `height` × `width` with. */
export function fittingScales(
  height: number,
  width: number,
  { scales, whenTooSmall }: { readonly scales: readonly number[]; readonly whenTooSmall: 'error' | 'skip' },
): readonly number[] {
  const side = Math.min(height, width)
  const fitting = scales.filter((scale) => scale <= side)
  if (fitting.length === scales.length || (whenTooSmall === 'skip' && fitting.length > 0)) return fitting
  throw new ConfigError(
    'strip-pool/map-too-small',
    `strip pooling: a map of ${height} × ${width} is too small`,
    {
      expected: `scales up to ${side}`,
      received: `scales ${scales.join(', ')}`,
      hint: "choose smaller scales for this tap, or whenTooSmall: 'skip'",
    },
  )
}
