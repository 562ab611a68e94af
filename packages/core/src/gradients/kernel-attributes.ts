import type { tf } from '../tf.ts'

/** Attributes of a kernel of this table, by kernel name; a kernel that is not listed has none that matter here. */
export type AttributesOf<K extends string> = K extends keyof KernelAttributes
  ? KernelAttributes[K]
  : Readonly<Record<string, unknown>>

/** What tfjs leaves out of its attribute types: the gradient kernels of our backends also take dilations. */
interface Dilated {
  readonly dilations?: [number, number] | number
}

interface KernelAttributes {
  AvgPool: tf.AvgPoolAttrs
  AvgPoolGrad: tf.AvgPoolAttrs
  BatchMatMul: tf.BatchMatMulAttrs
  BatchToSpaceND: tf.BatchToSpaceNDAttrs
  Cast: tf.CastAttrs
  Concat: tf.ConcatAttrs
  Conv2D: tf.Conv2DAttrs
  Conv2DBackpropFilter: tf.Conv2DBackpropFilterAttrs & Dilated
  Conv2DBackpropInput: tf.Conv2DBackpropInputAttrs & Dilated
  Cumsum: tf.CumsumAttrs
  DepthwiseConv2dNative: tf.DepthwiseConv2dNativeAttrs
  DepthwiseConv2dNativeBackpropFilter: tf.DepthwiseConv2dNativeBackpropFilterAttrs
  DepthwiseConv2dNativeBackpropInput: tf.DepthwiseConv2dNativeBackpropInputAttrs
  Einsum: tf.EinsumAttrs
  ExpandDims: tf.ExpandDimsAttrs
  FusedBatchNorm: tf.FusedBatchNormAttrs
  FusedConv2D: tf.FusedConv2DAttrs
  FusedDepthwiseConv2D: tf.FusedDepthwiseConv2DAttrs
  GatherV2: tf.GatherV2Attrs
  LeakyRelu: tf.LeakyReluAttrs
  LogSoftmax: tf.LogSoftmaxAttrs
  Max: tf.MaxAttrs
  MaxPool: tf.MaxPoolAttrs
  Mean: tf.MeanAttrs
  Min: tf.MinAttrs
  MirrorPad: tf.MirrorPadAttrs
  Pack: tf.PackAttrs
  PadV2: tf.PadV2Attrs
  Prod: tf.ProdAttrs
  ResizeBilinear: tf.ResizeBilinearAttrs
  ResizeBilinearGrad: tf.ResizeBilinearGradAttrs
  ResizeNearestNeighbor: tf.ResizeNearestNeighborAttrs
  ResizeNearestNeighborGrad: tf.ResizeNearestNeighborGradAttrs
  Reverse: tf.ReverseAttrs
  Slice: tf.SliceAttrs
  Softmax: tf.SoftmaxAttrs
  SpaceToBatchND: tf.SpaceToBatchNDAttrs
  SplitV: tf.SplitVAttrs
  StridedSlice: tf.StridedSliceAttrs
  Sum: tf.SumAttrs
  Transpose: tf.TransposeAttrs
  Unpack: tf.UnpackAttrs
  UnsortedSegmentSum: tf.UnsortedSegmentSumAttrs
  _FusedMatMul: tf._FusedMatMulAttrs
}
