import type { Storage } from './values.ts'

/** Kernels whose maps are stored as bfloat16 in any case: they sum in float32 and round once. */
// biome-ignore format: a list to scan
const products: ReadonlySet<string> = new Set([
  'Conv2D', 'Conv2DBackpropInput', 'DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'FusedConv2D',
  'FusedDepthwiseConv2D', 'SegConv2D', 'SegConv2DGradInput',
])

/** Kernels whose maps are stored as bfloat16 where all maps that they read are. */
// biome-ignore format: a list to scan
const promoting: ReadonlySet<string> = new Set([
  // elementwise
  'Abs', 'Acos', 'Acosh', 'Add', 'AddN', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Ceil', 'ClipByValue', 'Cos', 'Cosh',
  'Elu', 'EluGrad', 'Erf', 'Exp', 'Expm1', 'Floor', 'FloorDiv', 'LeakyRelu', 'Log', 'Log1p', 'Maximum', 'Minimum', 'Mod',
  'Multiply', 'Neg', 'Pow', 'Prelu', 'RealDiv', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'SegReluGrad', 'Select',
  'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Square', 'SquaredDifference', 'Step', 'Sub', 'Tan',
  'Tanh',
  // layout
  'BatchToSpaceND', 'Concat', 'MirrorPad', 'OnesLike', 'PadV2', 'Reverse', 'SegCopy', 'Slice', 'SpaceToBatchND', 'SplitV',
  'StridedSlice', 'Tile', 'Transpose', 'ZerosLike',
  // normalisation, pooling, resizing
  'AvgPool', 'AvgPoolGrad', 'FusedBatchNorm', 'MaxPool', 'MaxPoolGrad', 'ResizeBilinear', 'ResizeBilinearGrad',
  'ResizeNearestNeighbor', 'ResizeNearestNeighborGrad', 'SegBatchNormTrain', 'SegBatchNormTrainGrad', 'SegMaxPool',
  'SegMaxPoolGrad', 'SegPolyphase', 'SegPolyphaseGrad', 'SegResizeBilinearGrad', 'SegResizeNearestGrad', 'SegStripPool',
  'SegStripPoolGrad',
])

/** The kernels that the policy speaks of. */
export const policedKernels: readonly string[] = [...products, ...promoting]

/**
 * Whether the maps that a kernel makes (its float32 outputs of rank 4) are stored as bfloat16, on a device that can:
 * PyTorch's autocast, but for what is no map. Filters and their gradients, statistics, losses, sums and optimizer state
 * are float32.
 *
 * @param kernel its registered name
 * @param maps storage of its float32 inputs of rank 4 with more than one element
 */
export function storesNarrow(kernel: string, maps: readonly (Storage | undefined)[]): boolean {
  if (products.has(kernel)) return true
  return promoting.has(kernel) && maps.length > 0 && maps.every((storage) => storage === 'bfloat16')
}
