import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))
/** Small files are mutated where it matters. */
const LARGEST = 64 * 1024
const MOST = 12

/** The smallest files of the fixtures whose names end so. */
export async function fixtureSeeds(...endings: readonly string[]): Promise<Uint8Array[]> {
  const names = (await readdir(FIXTURES, { recursive: true })).filter((name) =>
    endings.some((ending) => name.endsWith(ending)),
  )
  const files = await Promise.all(names.sort().map((name) => readFile(join(FIXTURES, name))))
  const small = files.filter(({ length }) => length <= LARGEST).sort((a, b) => a.length - b.length)
  if (small.length === 0) throw new Error(`no fixture ends in ${endings.join(' or ')}`)
  return small.slice(0, MOST)
}
