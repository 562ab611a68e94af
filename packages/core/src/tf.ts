/**
 * The one import of tfjs-core in Limbeck: tensors, engine, tape, kernel registry and `tidy`.
 *
 * tfjs-core is pinned to 4.22.0 exactly, because `engine.ts` relies on three members of its engine that are
 * private in the types. Everything else in Limbeck imports `tf` from here (inside core) or from `@limbeck/core`.
 */

export type {
  DataType,
  GradConfig,
  KernelConfig,
  NamedAttrMap,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
} from '@tensorflow/tfjs-core'
export * as tf from '@tensorflow/tfjs-core'
