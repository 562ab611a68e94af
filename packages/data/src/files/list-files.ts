import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '@limbeck/core'

/** Names of the files of a directory, sorted, hidden ones left out. Throws `DataError` naming the directory. */
export const listFiles = async (directory: string): Promise<string[]> =>
  named(directory, (entry) => !entry.isDirectory())

/** Names of the directories in a directory, sorted, hidden ones left out. Throws `DataError` naming the directory. */
export const listDirectories = async (directory: string): Promise<string[]> =>
  named(directory, (entry) => entry.isDirectory() || entry.isSymbolicLink())

async function named(directory: string, wanted: (entry: Dirent) => boolean): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries
      .filter((entry) => !entry.name.startsWith('.') && wanted(entry))
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    throw new DataError('data/missing-directory', `${directory}: the directory cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

/** Paths of the files of a directory whose names end in one of `endings`, in any case; sorted. */
export async function filesEnding(directory: string, ...endings: readonly string[]): Promise<string[]> {
  const names = await listFiles(directory)
  const wanted = names.filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending)))
  return wanted.map((name) => join(directory, name))
}

/** As `filesEnding`, in the directory and in those within it, `depth` levels down. */
export async function filesBelow(
  directory: string,
  depth: number,
  ...endings: readonly string[]
): Promise<string[]> {
  const files = await filesEnding(directory, ...endings)
  if (depth === 0) return files
  const within = (await listDirectories(directory)).map((name) => join(directory, name))
  return [
    ...files,
    ...(await Promise.all(within.map((one) => filesBelow(one, depth - 1, ...endings)))).flat(),
  ]
}
