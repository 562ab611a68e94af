import type { Model, TensorRef } from '@limbeck/core'

/** The logits of each head of a student with several, `logits.1`, `logits.2`, …; empty for one with a single head. */
export const headRefs = ({ taps }: Model): readonly TensorRef[] =>
  taps.filter(({ name }) => /^logits\.\d+$/.test(name)).map(({ name }): TensorRef => `student.${name}`)
