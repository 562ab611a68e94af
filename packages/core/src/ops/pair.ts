import type { Pair } from '../backend/contract.ts'

/** `3` → `[3, 3]`; vertical first. */
export const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value)
