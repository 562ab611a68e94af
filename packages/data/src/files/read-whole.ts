import { readFile, stat } from 'node:fs/promises'
import { DataError, FormatError } from '@limbeck/core'

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
    const { code, message } = error as NodeJS.ErrnoException
    const missing = code === 'ENOENT'
    throw new DataError(
      missing ? 'data/missing-file' : 'data/unreadable',
      `${file}: ${missing ? 'is missing' : 'cannot be read'}`,
      { ...(!missing && { received: code ?? message }), cause: error },
    )
  }
}

/** Reads a file of UTF-8 text; see `readBytes`. */
export async function readText(file: string, most: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(file, most))
}
