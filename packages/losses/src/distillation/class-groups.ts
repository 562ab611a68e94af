import { EXCLUDED, UNMATCHED } from '@limbeck/core'

type NewClasses = 'background' | 'unmatched' | 'excluded'

const groupOfNew: Readonly<Record<NewClasses, number>> = {
  background: 0,
  unmatched: UNMATCHED,
  excluded: EXCLUDED,
}

/**
 * Which teacher class each of `channels` student classes folds into, when the teacher knows the first `oldClasses`.
 * New classes count as `background` (MiB), take part in the softmax but match nothing (`unmatched`, ILT), or are
 * left out of it (`excluded`, LwF).
 */
export const classGroups = (channels: number, oldClasses: number, newClasses: NewClasses): number[] =>
  Array.from({ length: channels }, (_, c) => (c < oldClasses ? c : groupOfNew[newClasses]))
