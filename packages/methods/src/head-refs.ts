import type { Model, TensorRef } from '@limbeck/core'

/** The logits of each head of a student with several, `logits.<head>`; empty for one with a single head. */
export const headRefs = ({ taps }: Model): readonly TensorRef[] =>
  taps.filter(({ name }) => /^logits\./.test(name)).map(({ name }): TensorRef => `student.${name}`)
