import { z } from '@limbeck/core'

/** The option that networks with dilated encoders take. */
export const outputStrideOption = z
  .literal([8, 16])
  .default(16)
  .describe(
    'pixels of the image per pixel of the coarsest map; 8 sees finer and costs about four times as much',
  )

/** 32 leaves an encoder as it is; 16 and 8 dilate its last one or two stages instead of striding. */
export type OutputStride = 8 | 16 | 32

export interface StageGeometry {
  readonly stride: number
  readonly dilation: number
  /** The dilation before this stage: torchvision's first block of a stage still has it. */
  readonly previousDilation: number
  /** Pixels of the image per pixel after this stage. */
  readonly outputStride: number
}

interface DilationOptions {
  /** Stride before the first stage. */
  readonly from: number
  readonly outputStride: OutputStride
  /** False: leave strides out without dilating for it. Default true. */
  readonly dilated?: boolean
}

/**
 * Turns the strides of stages into dilations where they would exceed the output stride: a stride that is left out
 * multiplies the dilation of all that follows, so that every filter sees what it saw.
 */
export function dilatedStages(
  strides: readonly number[],
  { from, outputStride, dilated = true }: DilationOptions,
): StageGeometry[] {
  let reached = from
  let dilation = 1
  return strides.map((stride) => {
    const previousDilation = dilation
    const strided = reached * stride <= outputStride
    if (strided) reached *= stride
    else if (dilated) dilation *= stride
    return { stride: strided ? stride : 1, dilation, previousDilation, outputStride: reached }
  })
}
