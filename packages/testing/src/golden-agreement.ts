import { type Loss, type LossFactory, type Plugin, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import type { GoldenCase } from './golden.ts'

/** What the README of the golden cases asks of float32 storage, and of float64 storage. */
const GRADIENT_TOLERANCE = { float32: 1e-4, float64: 1e-6 } as const
const VALUE_TOLERANCE = { relative: 1e-5, absolute: 1e-6 } as const

export interface GoldenAgreement {
  /** Nothing when value and gradients agree; else one line for each that does not. */
  readonly disagreements: readonly string[]
}

/**
 * Runs a golden case with the loss of a plugin that stands for it, on the active backend, and compares the value
 * and the gradient of every input that receives one.
 */
export function checkGolden(
  golden: GoldenCase,
  plugin: Plugin,
  storage: keyof typeof GRADIENT_TOLERANCE = 'float32',
): GoldenAgreement {
  return tf.tidy(() => {
    const loss = findLoss(golden, plugin)
    const tensors = Object.fromEntries(
      Object.entries(golden.inputs).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32'),
      ]),
    )
    const wrt = Object.keys(golden.gradients)
    const { value, gradients } = valueAndGradients(
      () => ({ loss: loss(gatherLists(tensors) as never) as tf.Scalar }),
      wrt.map((name) => tensors[name]!),
    )
    return {
      disagreements: [
        ...compareValue(value.loss.dataSync()[0]!, golden.value),
        ...wrt.flatMap((name, i) =>
          compareGradient(name, gradients[i], golden.gradients[name]!.data, GRADIENT_TOLERANCE[storage]),
        ),
      ],
    }
  })
}

/** Where a case's name of a loss or of an option is not ours, and where it means a policy that we do not default to. */
const translations: Readonly<
  Record<string, (options: GoldenCase['options']) => readonly [string, Record<string, unknown>]>
> = {
  kl: (options) => ['hinton-kd', options],
  'focal-kd': (options) => ['focal-kd', { ...options, allowUnsafe: true }],
  'local-pod': (options) => ['local-pod', { ...options, whenTooSmall: 'skip' }],
  'ec-strip': ({ square, ...options }) => [
    'ec-strip',
    { ...options, square: square ? 'before' : 'none', whenTooSmall: 'skip' },
  ],
}

function findLoss({ loss, options }: GoldenCase, plugin: Plugin): Loss {
  const [name, ours] = translations[loss]?.(options) ?? [loss, { ...options }]
  const factory = plugin.losses?.find(({ spec }) => spec.name === name) as LossFactory | undefined
  if (!factory) throw new Error(`golden: plugin "${plugin.name}" has no loss "${name}"`)
  return factory(ours)
}

/** `decoder0`, `decoder1`, … become the list `decoders`. */
function gatherLists(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor | Tensor[]> {
  const inputs: Record<string, Tensor | Tensor[]> = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    const numbered = /^(.*\D)\d+$/.exec(name)?.[1]
    if (numbered === undefined) inputs[name] = tensor
    else inputs[`${numbered}s`] = [...((inputs[`${numbered}s`] as Tensor[] | undefined) ?? []), tensor]
  }
  return inputs
}

function compareValue(actual: number, expected: number): string[] {
  const allowed = Math.max(VALUE_TOLERANCE.relative * Math.abs(expected), VALUE_TOLERANCE.absolute)
  return Math.abs(actual - expected) <= allowed ? [] : [`value: expected ${expected}, received ${actual}`]
}

/** Errors relative to the largest entry; a gradient of zeros must be zeros. */
function compareGradient(
  name: string,
  gradient: Tensor | undefined,
  expected: ArrayLike<number>,
  tolerance: number,
): string[] {
  const actual = gradient?.dataSync() ?? new Float32Array(expected.length)
  let largest = 0
  let error = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!)
    largest = Math.max(largest, Math.abs(expected[i]!))
    if (!(difference <= error)) error = difference // also when it is NaN
  }
  if (error <= tolerance * largest) return []
  return [`gradient of ${name}: off by ${error}, largest entry ${largest}, tolerance ${tolerance}`]
}
