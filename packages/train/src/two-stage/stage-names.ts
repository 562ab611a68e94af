/** Run directories of the two networks inside that of a two-stage run, as the thesis names the first of them. */
export const STAGES = { multi: 'multi_class', binary: 'binary_class' } as const

/** Where a two-stage run's own predictions go. */
export const COMBINED = 'combine'
