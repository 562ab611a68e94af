import { basename, dirname, join } from 'node:path'
import { ConfigError } from '@limbeck/core'
import { pathWithin } from '../formats/path-within.ts'
import { byId } from './by-id.ts'
import { listFiles } from './list-files.ts'

/** Stands for the name of an image in a pattern. */
const ID = '{id}'

/**
 * The files of a directory by the names that a pattern such as `labels/{id}.inst.npy` finds in them; a pattern that
 * ends with `.*` takes any one ending. Throws `ConfigError` for a pattern without `{id}` in the file's name or that
 * leads out of `root`, and `DataError` when two files have one name.
 */
export async function filesByPattern(root: string, pattern: string): Promise<Map<string, string>> {
  const [prefix, suffix, ...more] = basename(pattern).split(ID)
  if (prefix === undefined || suffix === undefined || more.length > 0 || dirname(pattern).includes(ID)) {
    throw new ConfigError('config/invalid', `the pattern "${pattern}" does not say where the name is`, {
      expected: `${ID} once, in the name of the file, as in images/${ID}.png`,
      received: pattern,
    })
  }
  const directory = pathWithin(root, dirname(pattern), `the pattern "${pattern}"`)
  const anyEnding = suffix.endsWith('.*')
  const fixed = anyEnding ? suffix.slice(0, -2) : suffix
  const names = await listFiles(directory)
  return byId(
    names.flatMap((name): [string, string][] => {
      const stem = anyEnding ? name.replace(/\.[^.]*$/, '') : name
      const ended = !anyEnding || stem !== name
      const named =
        stem.length > prefix.length + fixed.length && stem.startsWith(prefix) && stem.endsWith(fixed)
      const id = stem.slice(prefix.length, stem.length - fixed.length)
      return ended && named ? [[id, join(directory, name)]] : []
    }),
    directory,
  )
}
