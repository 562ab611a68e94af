import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RunDirectory } from './run-directory.ts'

const NAME = /^fold-(\d+)$/

/** The run of a fold, inside the directory of its cross-validation. */
export const foldName = (fold: number): string => `fold-${fold}`

/** The run directories of a cross-validation's folds, in their order; none of any other directory. */
export async function foldDirectories(path: string): Promise<string[]> {
  const folds = (await entriesOf(path))
    .filter((name) => NAME.test(name))
    .sort((a, b) => Number(NAME.exec(a)![1]) - Number(NAME.exec(b)![1]))
    .map((name) => join(path, name))
  const begun = await Promise.all(folds.map((fold) => new RunDirectory(fold).isBegun()))
  return folds.filter((_, index) => begun[index])
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch {
    return []
  }
}
