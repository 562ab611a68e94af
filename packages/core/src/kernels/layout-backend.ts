import type { DataType, TensorInfo } from '../tf.ts'

/** Elements of a flat array: the one at index i is at `offset + Σ i·strides`. */
export interface StridedView {
  readonly offset: number
  /** One per axis; 0 repeats, negative goes backwards. */
  readonly strides: readonly number[]
}

/** What is copied where. */
export interface StridedCopy {
  readonly shape: readonly number[]
  readonly from: StridedView
  readonly to: StridedView
}

/** What kernels that only move data ask of a backend. Nothing is done for tensors without elements. */
export interface LayoutBackend {
  /** A fresh tensor, whose elements are to be written. */
  empty(shape: readonly number[], dtype: DataType): TensorInfo
  /** The same data under another shape, without a copy. */
  view(x: TensorInfo, shape?: readonly number[]): TensorInfo
  /** Lets go of a tensor that a kernel made for itself. */
  release(x: TensorInfo): void
  /** Copies elements of one tensor to another of the same dtype. */
  copy(from: TensorInfo, to: TensorInfo, region: StridedCopy): void
  /** y[i] = value. */
  fill(y: TensorInfo, value: number): void
  /** y[i] = start + i·step, in float64, rounded once. */
  ramp(y: TensorInfo, ramp: { readonly start: number; readonly step: number }): void
}
