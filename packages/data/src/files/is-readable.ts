import { access, constants } from 'node:fs/promises'

/** Whether there is a file or a directory that this process may read. */
export const isReadable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
