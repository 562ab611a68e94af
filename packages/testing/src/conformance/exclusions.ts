import type { GradientSet } from './bundle.ts'

interface Exclusion {
  readonly specs: RegExp
  readonly reason: string
  /** Only with these gradients; with any where absent. */
  readonly gradients?: GradientSet
}

/** Specs that are wrong, or that ask for what we decided against. */
const EXCLUSIONS: readonly Exclusion[] = [
  {
    specs: /^avgPool .* gradient x=\[3,3,1\] f=\[3,3\] s=1 p=explicit/,
    reason: 'expects slopes divided by the whole window where the forward pass divides by the pixels inside',
  },
  {
    specs: /^conv2dTranspose .* input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4/,
    reason: 'hands in 8×8 slopes for a convolution whose output is 4×4',
  },
  {
    specs: /^pool .* x=\[2,2,3\] f=\[1,1\] s=2 p=1 fractional outputs default rounding/,
    reason: 'expects the input back from windows that lie in the padding',
  },
  {
    specs: /^(max|min) .* gradient: .*ties/,
    reason: 'gives each of several equal maxima the whole slope; ours share it, so that it adds up',
    gradients: 'limbeck',
  },
  {
    specs: /^mirrorPad .* grad/,
    reason: 'cuts the slopes of mirrored values off; ours fold them back onto their sources',
    gradients: 'limbeck',
  },
  {
    specs: /^div .* gradient: .*int32/,
    reason: 'asks for slopes of integers, which carry none with our gradients',
    gradients: 'limbeck',
  },
  {
    specs: /^depthwiseConv2d gradients .* throws error on dilations > 1/,
    reason: 'expects dilated convolutions to have no gradient',
    gradients: 'limbeck',
  },
  {
    specs: /^gradients .* (errors|does not error) if (ir)?relevant .*ops are missing grads/,
    reason: 'expects steps such as floor and range to have no gradient; ours have zero',
    gradients: 'limbeck',
  },
]

/** Why a spec is left out, or nothing when it is not. */
export function exclusionOf(spec: string, gradients: GradientSet): string | undefined {
  return EXCLUSIONS.find((exclusion) => {
    const applies = exclusion.gradients === undefined || exclusion.gradients === gradients
    return applies && exclusion.specs.test(spec)
  })?.reason
}
