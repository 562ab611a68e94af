import { type TensorInfo, tf } from '@limbeck/core'
import type { NativeBackend } from '../backend.ts'
import { bytesPerElement } from '../values.ts'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** test ? a : b for operands of one dtype; `test` chooses runs of elements, and operands of one element repeat. */
export function selected(
  backend: NativeBackend,
  test: TensorInfo,
  a: TensorInfo,
  b: TensorInfo,
  shape: readonly number[],
): TensorInfo {
  const y = backend.empty(shape, a.dtype)
  const size = tf.util.sizeFromShape([...shape])
  const runs = tf.util.sizeFromShape(test.shape)
  const span = runs === 0 ? 0 : size / runs
  const strides = (x: TensorInfo) => (tf.util.sizeFromShape(x.shape) === 1 ? [0, 0] : [span, 1])
  backend.run(
    'select',
    { test, a, b, y },
    {
      elementBytes: bytesPerElement(a.dtype),
      rank: 2,
      shape: [runs, span],
      testStrides: [1, 0],
      aStrides: strides(a),
      bStrides: strides(b),
    },
  )
  return y
}

/** `condition ? t : e`; a condition of rank 1 chooses whole rows of the first axis. */
const select: NativeKernel<Inputs<'condition' | 't' | 'e'>> = ({ condition, t, e }, _attrs, backend) => {
  const dtype = tf.upcastType(t.dtype, e.dtype)
  const [a, b] = [converted(backend, t, dtype), converted(backend, e, dtype)]
  return selected(backend, converted(backend, condition, 'bool'), a, b, t.shape)
}

export const selectKernels = { Select: select } satisfies KernelTable
