/**
 * What backends share: the geometry of kernels, the kernels that only move data, and the class that keeps tensors.
 * For authors of backends; imported as `@limbeck/core/kernels`.
 */
export * from './axis.ts'
export * from './conv-geometry.ts'
export * from './convolution-kernels.ts'
export * from './einsum-letters.ts'
export * from './fused-activation.ts'
export * from './indices.ts'
export * from './kernel.ts'
export * from './layout-backend.ts'
export { layoutKernels } from './layout-kernels.ts'
export * from './matmul-geometry.ts'
export * from './polyphase-shape.ts'
export * from './pool-geometry.ts'
export * from './reduction-axes.ts'
export * from './register-backend.ts'
export * from './strides.ts'
export * from './strip-grid.ts'
export * from './tensor-backend.ts'
export { broadcast } from './tile.ts'
export { transposed } from './transpose.ts'
