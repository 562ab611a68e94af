import { type Tensor4D, tf } from '@limbeck/core'

/** `relu`, `relu6` (MobileNet), a leaky rectifier with that slope, or none. */
export type Activation = 'relu' | 'relu6' | 'none' | { readonly leaky: number }

export function activate(x: Tensor4D, activation: Activation): Tensor4D {
  if (activation === 'none') return x
  if (activation === 'relu') return tf.relu(x)
  return activation === 'relu6' ? tf.relu6(x) : tf.leakyRelu(x, activation.leaky)
}

/** The rectifier of InPlaceABN, which MiB, PLOP, RCIL and InSeg use. */
export const INPLACE_ABN = { leaky: 0.01 } as const
