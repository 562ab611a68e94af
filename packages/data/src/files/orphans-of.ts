import type { Orphan } from '@limbeck/core'

/** Of files by the name of their image, those whose name is not among `others`, for want of `lacks`. */
export const orphansOf = (
  files: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, unknown>,
  lacks: string,
): Orphan[] => [...files].filter(([id]) => !others.has(id)).map(([, file]) => ({ file, lacks }))
