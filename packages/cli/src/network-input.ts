import { normalise } from '@limbeck/data'

/** What networks see of a value in 0..1, for exports that take such values: `scale · value + offset`. */
export const networkInput = { scale: normalise(1) - normalise(0), offset: normalise(0) }
