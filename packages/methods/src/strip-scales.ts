import { z } from '@limbeck/core'

/** The option of methods that compare strips of every feature map, however small. */
export const stripScales = z
  .array(z.int().positive())
  .min(1)
  .default([1, 2, 4])
  .describe('cells per side at each scale; a map leaves out those it is too small for')
