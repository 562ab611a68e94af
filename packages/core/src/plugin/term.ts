import type { Scalar, Tensor } from '../tf.ts'
import type { Inputs, Kinds } from './kinds.ts'
import type { Loss } from './loss.ts'

/** The name of a tensor in a step. */
export type TensorRef =
  | `student.${string}`
  | `teacher.${string}`
  | `teachers.${string}.${string}`
  | `ema.${string}`
  | `peers.${string}.${string}`
  | `batch.${string}`
  | `derived.${string}`
  | `adapted.${string}`

/** Where a task stands. Counters start at 0; `fraction` runs from 0 to 1 over the task. */
export interface Progress {
  readonly task: number
  readonly epoch: number
  readonly epochs: number
  readonly step: number
  readonly steps: number
  readonly fraction: number
}

export type Weight = number | ((at: Progress) => number)

/** Which tensors a loss or a derivation reads, by its own input names; lists read several. */
export type Reads = Readonly<Record<string, TensorRef | readonly TensorRef[]>>

type ReadsOf<I extends Kinds> = {
  readonly [P in keyof Inputs<I>]: Inputs<I>[P] extends readonly unknown[] | undefined
    ? readonly TensorRef[]
    : TensorRef
}

/** A loss with what it reads, its weight and its name in the log. */
export interface Term {
  readonly kind: 'term'
  readonly name: string
  readonly loss: Loss
  readonly reads: Reads
  readonly weight: Weight
}

/** A penalty on the parameters themselves (EWC, PI, RW). */
export interface ParameterTerm {
  readonly kind: 'parameter-term'
  readonly name: string
  readonly weight: Weight
  readonly compute: (parameters: ReadonlyMap<string, Tensor>, state: ReadonlyMap<string, Tensor>) => Scalar
}

/** A term of the total loss: `term('kd', unbiasedKd(), { student: 'student.logits', … }, 10)`. */
export const term = <I extends Kinds>(
  name: string,
  loss: Loss<I>,
  reads: ReadsOf<I>,
  weight: Weight = 1,
): Term => ({
  kind: 'term',
  name,
  loss: loss as unknown as Loss,
  reads: reads as Reads,
  weight,
})

/** A term on the parameters by dotted name, and on the method's state. */
export const parameterTerm = (
  name: string,
  compute: ParameterTerm['compute'],
  weight: Weight = 1,
): ParameterTerm => ({ kind: 'parameter-term', name, weight, compute })

export const weightAt = (weight: Weight, progress: Progress): number =>
  typeof weight === 'number' ? weight : weight(progress)
