/**
 * The kernel contract: what a backend implements.
 *
 * Part A is what every network, loss and optimizer of ours reaches among tfjs's own kernels; part A+ is what a
 * researcher's plain tfjs code reaches; `teacherKernels` is what a tfjs-converter or LayersModel teacher reaches
 * besides. Part B (`SegKernels`) is ours: coarse kernels, each forward and gradient, with NHWC maps, HWIO filters
 * and explicit padding. A backend without a part B kernel runs the op's composite instead.
 */
import type { TensorInfo } from '../tf.ts'

/** Part A: tfjs kernels that training needs. Inputs and attributes are those of tfjs's `kernel_names`. */
// biome-ignore format: a list to scan
export const partA = [
  'Abs', 'Add', 'AddN', 'ArgMax', 'AvgPool', 'AvgPoolGrad', 'BatchMatMul', 'BatchToSpaceND', 'Cast', 'Concat',
  'Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', 'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput', 'Exp', 'ExpandDims', 'Floor',
  'FusedBatchNorm', 'GatherV2', 'Greater', 'Identity', 'LeakyRelu', 'Less', 'Log', 'Log1p', 'LogicalOr', 'Max',
  'MaxPool', 'MaxPoolGrad', 'Maximum', 'Mean', 'Minimum', 'Multiply', 'Neg', 'NotEqual', 'OneHot', 'OnesLike',
  'PadV2', 'Pow', 'Range', 'RealDiv', 'Relu', 'Reshape', 'ResizeBilinear', 'ResizeBilinearGrad',
  'ResizeNearestNeighbor', 'ResizeNearestNeighborGrad', 'Rsqrt', 'Select', 'Sigmoid', 'Softmax', 'SpaceToBatchND',
  'SplitV', 'Sqrt', 'Square', 'SquaredDifference', 'Step', 'Sub', 'Sum', 'Tile', 'TopK', 'Transpose',
  'UnsortedSegmentSum', 'ZerosLike',
] as const

/** Part A+: tfjs kernels that plugins reach with ordinary tfjs code. */
// biome-ignore format: a list to scan
export const partAPlus = [
  'All', 'Any', 'ArgMin', 'Ceil', 'ClipByValue', 'Cos', 'Cumsum', 'Elu', 'Equal', 'Expm1', 'Fill', 'FloorDiv',
  'GreaterEqual', 'IsFinite', 'IsInf', 'IsNan', 'LessEqual', 'LogSoftmax', 'LogicalAnd', 'LogicalNot', 'Min', 'Mod',
  'Pack', 'Prelu', 'Prod', 'Reciprocal', 'Relu6', 'Reverse', 'Round', 'Selu', 'Sign', 'Sin', 'Slice', 'Softplus',
  'Tanh', 'Unpack',
] as const

/** Kernels that tfjs GraphModels and LayersModels reach besides, so that they can be teachers. */
// biome-ignore format: a list to scan
export const teacherKernels = [
  'EluGrad', 'Einsum', 'FusedConv2D', 'FusedDepthwiseConv2D', 'GatherNd', 'MirrorPad', 'ScatterNd', 'StridedSlice',
  '_FusedMatMul',
] as const

/** `[height, width]`. */
export type Pair = readonly [number, number]
/** `[top, bottom, left, right]`, in pixels of zero padding. */
export type Padding = readonly [number, number, number, number]
/** `[N, H, W, C]`. */
export type MapShape = readonly [number, number, number, number]

/** A class of the student that stays in the softmax but is matched with no class of the teacher. */
export const UNMATCHED = -1
/** A class of the student that is left out, also from the softmax (LwF's narrowed distillation). */
export const EXCLUDED = -2

/** Powers below 1 have infinite slope at 0: their base is raised to this. */
export const SMALLEST_BASE = 1e-8

export interface ConvAttrs {
  readonly strides: Pair
  readonly pad: Padding
  readonly dilations: Pair
  /** Divides both channel counts; `groups = Cin` is a depthwise convolution. */
  readonly groups: number
}

export interface MaxPoolAttrs {
  readonly filterSize: Pair
  readonly strides: Pair
  readonly pad: Padding
}

export interface CrossEntropyAttrs {
  /**
   * Length C: class c folds into `groups[c]`, for the softmax (probabilities of a group add up) and for labels
   * (label y means group `groups[y]`). The identity for plain cross-entropy.
   */
  readonly groups: readonly number[]
  readonly ignoreLabel: number
  /** Focal exponent: the pixel's loss is multiplied by `(1 - p)^gamma`; 0 for plain cross-entropy. */
  readonly gamma: number
  /** Label smoothing in [0, 1): target `1 - s` on the label plus `s / C` on every class; needs identity groups and gamma 0. */
  readonly smoothing: number
}

export interface DivergenceAttrs {
  /** Length C (student): teacher class that student class c folds into, or `UNMATCHED`, or `EXCLUDED`. */
  readonly groups: readonly number[]
  /** Divides both logits. The result is not multiplied by its square. */
  readonly temperature: number
  /** Multiplies the teacher's logits only (MiB's alpha). */
  readonly teacherScale: number
  /** `ce`: −Σ q log p. `kl`: Σ q (log q − log p), 0·log 0 = 0. */
  readonly form: 'ce' | 'kl'
  /**
   * Focal KD: each class term is multiplied by `g(q − p)^gamma`; `none` and gamma 0 multiply by 1. For
   * 0 < gamma < 1 the base counts as at least `SMALLEST_BASE`, where it passes no gradient.
   */
  readonly modulator: 'none' | 'abs' | 'relu' | 'raw'
  readonly gamma: number
  /** True: no gradient flows through the modulator. */
  readonly detachModulator: boolean
}

export interface StripPoolAttrs {
  /** Cells per side at each scale: `[1, 2, 4]`. A scale with more cells than rows or columns is an error. */
  readonly scales: readonly number[]
  /** Square the map first, as PLOP does. */
  readonly square: boolean
}

export interface OverlapLossAttrs {
  /** Weight of false positives. */
  readonly alpha: number
  /** Weight of false negatives. */
  readonly beta: number
  /** Added to the denominator. */
  readonly smooth: number
  /** Exponent of a region's loss. Below 1 a loss above 0 counts as at least `SMALLEST_BASE`, where it has no slope. */
  readonly gamma: number
  /** False: class 0 is no region. */
  readonly includeBackground: boolean
  /** A region without any pixel counts as it is, leaves the mean, or counts as loss 0. */
  readonly absent: 'count' | 'skip' | 'zero'
}

export interface PolyphaseAttrs {
  /** Which parts to add up: 0 is even rows and even columns, 1 even and odd, 2 odd and even, 3 odd and odd. */
  readonly pairs: readonly (readonly [number, number])[]
  /** An odd side becomes even: its last row or column is repeated, followed by zeros, or dropped. */
  readonly pad: 'replicate' | 'zero' | 'crop'
  /** Square the map first. */
  readonly square: boolean
}

export interface AdamAttrs {
  readonly count: number
  /** Per parameter, so that groups share one launch. */
  readonly learningRates: readonly number[]
  readonly weightDecays: readonly number[]
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** 1 at the first update; for the bias correction. */
  readonly step: number
  /** True: decay multiplies the parameter (AdamW); false: it is added to the gradient (Adam). */
  readonly decoupled: boolean
}

export interface SgdAttrs {
  readonly count: number
  readonly learningRates: readonly number[]
  readonly weightDecays: readonly number[]
  readonly momentum: number
  readonly nesterov: boolean
  /** True at the first update: the momentum buffer starts as the gradient itself. */
  readonly first: boolean
}

/**
 * Part B. Comments give shapes; `?` marks an input that may be absent. Multi-tensor kernels take their lists as
 * inputs `p0, g0, m0, …, p1, g1, …` and change `p`, `m`, `v` in place.
 */
export interface SegKernels {
  /** x [N,H,W,I], filter [h,w,I/groups,O], bias? [O] → y [N,H',W',O] */
  SegConv2D: { inputs: 'x' | 'filter' | 'bias'; attrs: ConvAttrs }
  /** dy [N,H',W',O], filter → dx of `inputShape` */
  SegConv2DGradInput: { inputs: 'dy' | 'filter'; attrs: ConvAttrs & { readonly inputShape: MapShape } }
  /** x, dy → dfilter of `filterShape` */
  SegConv2DGradFilter: { inputs: 'x' | 'dy'; attrs: ConvAttrs & { readonly filterShape: MapShape } }
  /** dy [..., C] → [C], summed over all else */
  SegBiasGrad: { inputs: 'dy'; attrs: Record<never, never> }
  /** x [..., C], scale [C], offset [C] → y, mean [C], variance [C] (biased); statistics over all but the last axis */
  SegBatchNormTrain: {
    inputs: 'x' | 'scale' | 'offset'
    attrs: { readonly epsilon: number; readonly relu: boolean }
  }
  /** → dx, dscale [C], doffset [C]; the mask of the activation is computed again from x */
  SegBatchNormTrainGrad: {
    inputs: 'dy' | 'x' | 'scale' | 'offset' | 'mean' | 'variance'
    attrs: { readonly epsilon: number; readonly relu: boolean }
  }
  /** dy, y → dx = dy where y > 0 */
  SegReluGrad: { inputs: 'dy' | 'y'; attrs: Record<never, never> }
  /** dy [N,H',W',C] → dx of `inputShape`: the adjoint of ResizeBilinear */
  SegResizeBilinearGrad: { inputs: 'dy'; attrs: ResizeGradAttrs }
  /** dy [N,H',W',C] → dx of `inputShape`: the adjoint of ResizeNearestNeighbor */
  SegResizeNearestGrad: { inputs: 'dy'; attrs: ResizeGradAttrs }
  /** x [N,H,W,C] → y [N,H',W',C], index int32 like y: row·W + column of the maximum in x (first of equals, NaN wins) */
  SegMaxPool: { inputs: 'x'; attrs: MaxPoolAttrs }
  /** dy, index → dx of `inputShape`; a slope whose index lies outside its own window is dropped */
  SegMaxPoolGrad: { inputs: 'dy' | 'index'; attrs: MaxPoolAttrs & { readonly inputShape: MapShape } }
  /**
   * logits [..., C], labels int32 [...], classWeights? [C] → loss [...], weight [...].
   * Per pixel `-w[y] (1 - p)^gamma log p`, p = probability of the label's group, y its index; with smoothing s (then
   * gamma is 0) `-(1 - s) w[y] log p[y] - s/C Σc w[c] log p[c]`, as PyTorch. `weight` is w[y]: what a weighted mean
   * divides by. Both are 0, and so is the gradient, where the label is `ignoreLabel` or outside 0…C-1. For
   * 0 < gamma < 1 the base 1 - p counts as at least `SMALLEST_BASE`.
   */
  SegSoftmaxCrossEntropy: { inputs: 'logits' | 'labels' | 'classWeights'; attrs: CrossEntropyAttrs }
  /** dy [...], logits, labels, classWeights? → dlogits */
  SegSoftmaxCrossEntropyGrad: {
    inputs: 'dy' | 'logits' | 'labels' | 'classWeights'
    attrs: CrossEntropyAttrs
  }
  /** student [..., C], teacher [..., K] → [...]: Σ over teacher classes, see `DivergenceAttrs` */
  SegSoftmaxDivergence: { inputs: 'student' | 'teacher'; attrs: DivergenceAttrs }
  /** dy [...], student, teacher → dstudent */
  SegSoftmaxDivergenceGrad: { inputs: 'dy' | 'student' | 'teacher'; attrs: DivergenceAttrs }
  /**
   * logits [B, ..., C], labels int32 [B, ...] → intersection [B,C] = Σ p t, predicted [B,C] = Σ p (or p²),
   * actual [B,C] = Σ t; p = softmax over C; pixels labelled `ignoreLabel` or outside 0…C-1 leave all three sums.
   */
  SegRegionSums: { inputs: 'logits' | 'labels'; attrs: RegionSumsAttrs }
  /** dIntersection [B,C], dPredicted [B,C], logits, labels → dlogits */
  SegRegionSumsGrad: {
    inputs: 'dIntersection' | 'dPredicted' | 'logits' | 'labels'
    attrs: RegionSumsAttrs
  }
  /**
   * intersection, predicted, actual [N,C] (see `SegRegionSums`) → []: the mean over regions, one per row and class, of
   * `(W / (W + intersection + smooth))^gamma`, `W = alpha (predicted − intersection) + beta (actual − intersection)`.
   * A region is absent where `actual` is 0; the mean over none is 0.
   */
  SegOverlapLoss: { inputs: 'intersection' | 'predicted' | 'actual'; attrs: OverlapLossAttrs }
  /** dy [], intersection, predicted, actual → dIntersection [N,C], dPredicted [N,C] */
  SegOverlapLossGrad: { inputs: 'dy' | 'intersection' | 'predicted' | 'actual'; attrs: OverlapLossAttrs }
  /**
   * x [B,H,W,C] → [P·B,h,w,C], the sums of P pairs of polyphase parts, all images of the first pair first; h is ⌈H/2⌉,
   * or ⌊H/2⌋ where `pad` is `crop`.
   */
  SegPolyphase: { inputs: 'x'; attrs: PolyphaseAttrs }
  /** dy [P·B,h,w,C], x → dx */
  SegPolyphaseGrad: { inputs: 'dy' | 'x'; attrs: PolyphaseAttrs }
  /**
   * x [B,H,W,C] → [B,L,C]. For each scale s in order, each cell (i, j) of the s×s grid (kh = ⌊H/s⌋ rows, kw = ⌊W/s⌋
   * columns; the remainder is dropped): kh means over the cell's rows, then kw means over its columns.
   * L = Σ s² (kh + kw).
   */
  SegStripPool: { inputs: 'x'; attrs: StripPoolAttrs }
  /** dy [B,L,C], x → dx */
  SegStripPoolGrad: { inputs: 'dy' | 'x'; attrs: StripPoolAttrs }
  /** x → a copy that owns its memory (`Identity` shares it, and an update in place would change both) */
  SegCopy: { inputs: 'x'; attrs: Record<never, never> }
  /** target ← target + rate · (scale · source − target), in place → token; running statistics and EMA teachers */
  SegLerp: { inputs: 'target' | 'source'; attrs: { readonly rate: number; readonly scale: number } }
  /** g0, g1, … → [] = √Σ g² over all of them */
  SegGlobalNorm: { inputs: `g${number}`; attrs: { readonly count: number } }
  /** p, g, m (momentum buffers, absent when momentum = 0), gradScale? [] → token; p and m change in place */
  SegSgd: { inputs: `${'p' | 'g' | 'm'}${number}` | 'gradScale'; attrs: SgdAttrs }
  /** p, g, m, v, gradScale? [] → token; p, m and v change in place */
  SegAdam: { inputs: `${'p' | 'g' | 'm' | 'v'}${number}` | 'gradScale'; attrs: AdamAttrs }
  /** predicted int32 [...], labels int32 [...] → int32 [K,K]: row = label, column = prediction; ignored are left out */
  SegConfusion: {
    inputs: 'predicted' | 'labels'
    attrs: { readonly classes: number; readonly ignoreLabel: number }
  }
}

export interface ResizeGradAttrs {
  readonly inputShape: MapShape
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

export interface RegionSumsAttrs {
  readonly ignoreLabel: number
  /** Sum p² instead of p in `predicted` (V-Net's Dice). */
  readonly squared: boolean
}

export type SegKernelName = keyof SegKernels

/** A part B kernel as a backend writes it: inputs by name, attributes, one output or several. */
export type SegKernel<K extends SegKernelName> = (
  inputs: { readonly [P in SegKernels[K]['inputs']]?: TensorInfo },
  attrs: SegKernels[K]['attrs'],
) => TensorInfo | TensorInfo[]

/** Names of part B, in one place at run time too; `satisfies` keeps it complete and free of strangers. */
// biome-ignore format: a list to scan
export const partB = Object.keys({
  SegConv2D: 0, SegConv2DGradInput: 0, SegConv2DGradFilter: 0, SegBiasGrad: 0, SegBatchNormTrain: 0,
  SegBatchNormTrainGrad: 0, SegReluGrad: 0, SegResizeBilinearGrad: 0, SegResizeNearestGrad: 0, SegMaxPool: 0,
  SegMaxPoolGrad: 0, SegSoftmaxCrossEntropy: 0, SegSoftmaxCrossEntropyGrad: 0, SegSoftmaxDivergence: 0,
  SegSoftmaxDivergenceGrad: 0, SegRegionSums: 0, SegRegionSumsGrad: 0, SegOverlapLoss: 0, SegOverlapLossGrad: 0,
  SegPolyphase: 0, SegPolyphaseGrad: 0, SegStripPool: 0, SegStripPoolGrad: 0, SegCopy: 0, SegLerp: 0,
  SegGlobalNorm: 0, SegSgd: 0, SegAdam: 0, SegConfusion: 0,
} satisfies Record<SegKernelName, 0>) as SegKernelName[]
