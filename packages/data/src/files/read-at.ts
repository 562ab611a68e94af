import { type FileHandle, open } from 'node:fs/promises'
import { DataError } from '@limbeck/core'

/** Opens a file for reading. Throws `DataError` naming it. */
export async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Opens a file for as long as `read` takes. */
export async function withFile<T>(file: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openFile(file)
  try {
    return await read(handle)
  } finally {
    await handle.close()
  }
}

/** Exactly `length` bytes from `start` on. Throws `DataError` naming the file where it ends before. */
export async function readAt(
  handle: FileHandle,
  { file, start, length }: { readonly file: string; readonly start: number; readonly length: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const filled = await fill(handle, bytes, start)
  if (filled === length) return bytes
  throw new DataError('data/truncated', `${file}: ends at byte ${start + filled}`, {
    expected: `bytes ${start} to ${start + length}`,
    received: `${start + filled} bytes`,
    hint: 'has the file been written to since it was opened?',
  })
}

/** The first bytes of a file, at most `length`. Throws `DataError` naming it. */
export const readHead = (file: string, length: number): Promise<Uint8Array> =>
  withFile(file, async (handle) => {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, await fill(handle, bytes, 0))
  })

/** What to throw for a file that cannot be opened or read. */
export function unreadable(file: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException
  const missing = code === 'ENOENT'
  return new DataError(
    missing ? 'data/missing-file' : 'data/unreadable',
    `${file}: ${missing ? 'is missing' : 'cannot be read'}`,
    { ...(!missing && { received: code ?? message }), cause: error },
  )
}

/** Reads as much as there is; gives the number of bytes. */
async function fill(handle: FileHandle, bytes: Uint8Array, start: number): Promise<number> {
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
