import {
  type Progress,
  type Recipe,
  RunError,
  type StepEvent,
  type Tensor,
  tf,
  weightAt,
} from '@limbeck/core'
import type { StepResult } from './step.ts'

/** Keeps losses on the device and reads them back only when asked: a read-back a step would stall a GPU. */
export class LossLog {
  readonly #recipe: Recipe
  #sum: Tensor | undefined
  #count = 0
  #last: StepResult | undefined

  constructor(recipe: Recipe) {
    this.#recipe = recipe
  }

  /** Takes ownership of the step's tensors. */
  add(step: StepResult): void {
    const before = this.#sum
    this.#sum = tf.keep(
      before ? tf.tidy(() => tf.add(before, step.total)) : tf.tidy(() => tf.clone(step.total)),
    )
    before?.dispose()
    this.#count++
    this.#dropLast()
    this.#last = step
  }

  /** The last step's losses. Throws `RunError` that names the term when one is not finite. */
  async read(progress: Progress): Promise<Pick<StepEvent, 'total' | 'terms'>> {
    const { total, values } = this.#last!
    const terms: Record<string, { value: number; weight: number }> = {}
    for (const { name, weight } of this.#recipe.terms) {
      const [value] = await values.get(name)!.data()
      terms[name] = { value: value!, weight: weightAt(weight, progress) }
    }
    const [sum] = await total.data()
    if (!Number.isFinite(sum)) {
      const bad = Object.keys(terms).filter((name) => !Number.isFinite(terms[name]!.value))
      throw new RunError('run/not-finite', `step ${progress.step}: the loss is ${sum}`, {
        received: Object.entries(terms)
          .map(([name, { value }]) => `${name} = ${value}`)
          .join(', '),
        hint:
          bad.length > 0
            ? `look at ${bad.join(', ')}, or lower the learning rate`
            : 'lower the learning rate',
      })
    }
    return { total: sum!, terms }
  }

  /** Mean total over the steps so far; 0 when there were none. */
  async mean(): Promise<number> {
    if (!this.#sum) return 0
    const [sum] = await this.#sum.data()
    return sum! / this.#count
  }

  dispose(): void {
    this.#dropLast()
    this.#sum?.dispose()
    this.#sum = undefined
  }

  #dropLast(): void {
    if (!this.#last) return
    this.#last.total.dispose()
    for (const value of this.#last.values.values()) value.dispose()
    this.#last = undefined
  }
}
