import type { MaxPoolAttrs, SegKernels, TensorInfo } from '@limbeck/core'
import {
  poolOutputShape,
  type StockPoolAttrs,
  segPoolGeometry,
  stockPoolGeometry,
} from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'
import { selected } from './select.ts'
import { mapElements } from './unary.ts'

/** Floats with −∞ in place of NaN: tfjs's `MaxPool` passes over NaN, where the native kernel lets it win. */
function withoutNan(backend: NativeBackend, x: TensorInfo): TensorInfo {
  const floats = converted(backend, x, 'float32')
  const least = backend.empty([], 'float32')
  backend.fill(least, Number.NEGATIVE_INFINITY)
  return selected(backend, mapElements(backend, 'isNan', floats, 'bool'), least, floats, x.shape)
}

const maxPool: NativeKernel<Inputs<'x'>, StockPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = stockPoolGeometry(x.shape, attrs)
  const y = backend.empty(poolOutputShape(geometry), 'float32')
  backend.run('maxPool', { x: withoutNan(backend, x), y }, geometry)
  return converted(backend, y, x.dtype)
}

/** The gradient goes to the first maximum of each window. */
const maxPoolGrad: NativeKernel<Inputs<'dy' | 'input'>, StockPoolAttrs> = ({ dy, input }, attrs, backend) => {
  const geometry = stockPoolGeometry(input.shape, attrs)
  const y = backend.empty(poolOutputShape(geometry), 'float32')
  const index = backend.empty(poolOutputShape(geometry), 'int32')
  backend.run('maxPool', { x: withoutNan(backend, input), y, index }, geometry)
  const dx = backend.empty(input.shape, 'float32')
  backend.run('maxPoolGrad', { dy, index, dx }, geometry)
  return dx
}

const avgPool: NativeKernel<Inputs<'x'>, StockPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = stockPoolGeometry(x.shape, attrs)
  const y = backend.empty(poolOutputShape(geometry), 'float32')
  backend.run('avgPool', { x: converted(backend, x, 'float32'), y }, geometry)
  return y
}

/** The adjoint of `AvgPool`: each pixel of a window gets an equal share of its slope. */
const avgPoolGrad: NativeKernel<Inputs<'dy' | 'input'>, StockPoolAttrs> = ({ dy, input }, attrs, backend) => {
  const dx = backend.empty(input.shape, 'float32')
  backend.run('avgPoolGrad', { dy, dx }, stockPoolGeometry(input.shape, attrs))
  return dx
}

/** The maximum of each window and where it is: the first of equals; a NaN beats any number. */
const segMaxPool: NativeKernel<Inputs<'x'>, MaxPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = segPoolGeometry(x.shape, attrs)
  const y = backend.empty(poolOutputShape(geometry), 'float32')
  const index = backend.empty(poolOutputShape(geometry), 'int32')
  backend.run('maxPool', { x, y, index }, geometry)
  return [y, index]
}

const segMaxPoolGrad: NativeKernel<Inputs<'dy' | 'index'>, SegKernels['SegMaxPoolGrad']['attrs']> = (
  { dy, index },
  attrs,
  backend,
) => {
  const dx = backend.empty(attrs.inputShape, 'float32')
  backend.run('maxPoolGrad', { dy, index, dx }, segPoolGeometry(attrs.inputShape, attrs))
  return dx
}

/** Poolings of tfjs and of the contract, over the pixels of a window that lie in the map. */
export const poolKernels = {
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  SegMaxPool: segMaxPool,
  SegMaxPoolGrad: segMaxPoolGrad,
} satisfies KernelTable
