import type { TensorInfo } from '@limbeck/core'
import { type FusedActivation, unknownActivation } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { combine } from './binary.ts'
import { mapElements } from './unary.ts'

/** tfjs's names of activations without parameters, and ours. */
const plain: Readonly<Record<string, string>> = {
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  sigmoid: 'sigmoid',
}

/** The activation of float32 sums: a fresh tensor, or the sums themselves when it is linear. */
export function activated(
  backend: NativeBackend,
  sums: TensorInfo,
  { activation = 'linear', leakyreluAlpha = 0.2, preluActivationWeights }: FusedActivation = {},
): TensorInfo {
  if (activation === 'linear') return sums
  if (activation === 'prelu' && preluActivationWeights) {
    return combine(backend, 'prelu', sums, preluActivationWeights, 'float32')
  }
  if (activation === 'leakyrelu')
    return mapElements(backend, 'leakyRelu', sums, 'float32', { a: leakyreluAlpha })
  const op = plain[activation]
  if (!op) throw unknownActivation(activation)
  return mapElements(backend, op, sums, 'float32')
}
