import { tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'

const identity: Kernel<LayoutBackend, Inputs<'x'>> = ({ x }, _attrs, backend) => backend.view(x)

const reshape: Kernel<LayoutBackend, Inputs<'x'>, tf.ReshapeAttrs> = ({ x }, { shape }, backend) => {
  const size = tf.util.sizeFromShape(x.shape)
  const target = tf.util.inferFromImplicitShape(shape, size)
  tf.util.assert(
    size === tf.util.sizeFromShape(target),
    () => `Reshape: [${x.shape}] holds ${size} values, which do not fit [${target}]`,
  )
  return backend.view(x, target)
}

const expandDims: Kernel<LayoutBackend, Inputs<'input'>, tf.ExpandDimsAttrs> = (
  { input },
  { dim },
  backend,
) => {
  tf.util.assert(
    dim >= -(input.shape.length + 1) && dim <= input.shape.length,
    () => `ExpandDims: axis must be in [${-(input.shape.length + 1)}, ${input.shape.length}], not ${dim}`,
  )
  const axis = dim < 0 ? input.shape.length + 1 + dim : dim
  return backend.view(input, input.shape.toSpliced(axis, 0, 1))
}

/** Kernels that share their input's memory. */
export const viewKernels = {
  ExpandDims: expandDims,
  Identity: identity,
  Reshape: reshape,
} satisfies KernelTable
