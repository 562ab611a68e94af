export interface TaskClasses {
  /** Classes seen so far, background included. */
  readonly all: number
  /** Classes that the task adds. */
  readonly added: number
}

/**
 * How strongly a task holds on to what is known: the factor on its distillation terms. `sqrtRatio` is √(all / added),
 * the schedule of PLOP's and RCIL's code and our reading of the report whose formula is lost; `ratio` is old / added;
 * `none` is 1. For weights by class see `rareClassWeights`.
 */
export function adaptiveReweighting(
  { all, added }: TaskClasses,
  form: 'sqrtRatio' | 'ratio' | 'none' = 'sqrtRatio',
): number {
  switch (form) {
    case 'sqrtRatio':
      return Math.sqrt(all / added)
    case 'ratio':
      return (all - added) / added
    case 'none':
      return 1
  }
}
