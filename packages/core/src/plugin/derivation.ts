import type { Tensor } from '../tf.ts'
import type { Reads } from './term.ts'

type TensorsOf<R extends Reads> = {
  readonly [P in keyof R]: R[P] extends readonly unknown[] ? Tensor[] : Tensor
}

/** Running state of a derivation (class centroids, moving averages); saved in the checkpoint. */
export interface DerivationState {
  /** Called once, before the first step of a task that has no saved state. */
  initial(): Record<string, Tensor>
}

/** What a derivation with running state gives: its value now, and the state for the next step. */
export type Derived = {
  readonly value: Tensor
  readonly next: Record<string, Tensor>
}

/** A tensor computed once a step, without gradient, and shared by the terms that read `derived.<name>`. */
export interface Derivation {
  readonly name: string
  readonly reads: Reads
  readonly state?: DerivationState
  readonly compute: (
    inputs: Readonly<Record<string, Tensor | Tensor[]>>,
    state: Readonly<Record<string, Tensor>>,
  ) => Tensor | Derived
}

/** A derivation: `derive('pseudoLabels', { teacher: 'teacher.logits', labels: 'batch.labels' }, compute)`. */
export function derive<const R extends Reads>(
  name: string,
  reads: R,
  compute: (inputs: TensorsOf<R>, state: Readonly<Record<string, Tensor>>) => Tensor | Derived,
  state?: DerivationState,
): Derivation {
  return {
    name,
    reads,
    compute: compute as unknown as Derivation['compute'],
    ...(state === undefined ? {} : { state }),
  }
}
