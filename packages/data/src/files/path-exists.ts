import { access } from 'node:fs/promises'

/** Whether there is a file or a directory, readable or not: what cannot be read is an error of whoever reads it. */
export const pathExists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
