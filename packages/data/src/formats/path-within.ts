import { join } from 'node:path'
import { DataError } from '@limbeck/core'

/**
 * The path of a file that a data set's own files name (in JSON, XML, CSV), which must lie in `root`: names that climb
 * out of it, absolute ones and those that no file system takes are refused with a `DataError` that begins with
 * `where`. Links in the directory are followed: they are the owner's.
 */
export function pathWithin(root: string, name: string, where: string): string {
  // one rule on every platform: data sets move between them
  const steps = name.split(/[\\/]/)
  const absolute = steps[0] === '' || /^[A-Za-z]:/.test(name)
  if (!absolute && !steps.includes('..') && !name.includes('\0') && name.length <= 4096)
    return join(root, ...steps)
  throw new DataError('data/path', `${where}: names a file outside the data set's directory`, {
    expected: `a path within ${root}`,
    received: JSON.stringify(name.slice(0, 200)),
  })
}
