import { basename } from 'node:path'
import { DataError } from '@limbeck/core'

/** Files by the id of their image. Throws `DataError` that begins with `where` when two have the same one. */
export function byId(
  files: Iterable<readonly [id: string, file: string]>,
  where: string,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const [id, file] of files) {
    const other = found.get(id)
    if (other !== undefined) {
      const names = [basename(other), basename(file)]
      throw new DataError('data/duplicate-id', `${where}: two files are called "${id}"`, {
        received: (names[0] === names[1] ? [other, file] : names).join(' and '),
      })
    }
    found.set(id, file)
  }
  return found
}
