import { type Task, type Term, term } from '@limbeck/core'
import { adaptiveReweighting, type localPod } from '@limbeck/losses'
import type { TapPair } from './feature-taps.ts'

interface FeatureTerms {
  /** Each term is named `<name> <tap>`. */
  readonly name: string
  /** A distance between maps of student and teacher. */
  readonly loss: ReturnType<typeof localPod>
  readonly taps: readonly TapPair[]
  readonly factor: number
  /** In place of `factor` at the last tap. */
  readonly lastFactor: number
  readonly task: Task
}

/**
 * One term per tap, weighted as PLOP and its heirs do: the factor, times √(classes / new classes), over the number of
 * taps.
 */
export function featureTerms({ name, loss, taps, factor, lastFactor, task }: FeatureTerms): readonly Term[] {
  const hold = adaptiveReweighting({ all: task.classes.length, added: task.newClasses })
  const share = hold / taps.length
  const last = taps.length - 1
  return taps.map(({ tap, reads }, i) =>
    term(`${name} ${tap}`, loss, reads, share * (i === last ? lastFactor : factor)),
  )
}
