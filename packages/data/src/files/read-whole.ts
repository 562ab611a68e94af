import { readFile, stat } from 'node:fs/promises'
import { FormatError } from '@limbeck/core'
import { unreadable } from './read-at.ts'

/** Reads a file into memory, unless it has more than `most` bytes. Throws `DataError` naming it. */
export async function readBytes(file: string, most: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size <= most) return await readFile(file)
    throw new FormatError('format/too-large', `${file}: is too large to be what it should be`, {
      expected: `at most ${most} bytes`,
      received: `${size}`,
    })
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw unreadable(file, error)
  }
}

/** Reads a file of UTF-8 text; see `readBytes`. */
export async function readText(file: string, most: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(file, most))
}
