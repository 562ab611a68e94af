import { promisify } from 'node:util'
import { gunzip as inflate, type ZlibOptions } from 'node:zlib'
import { FormatError } from '@limbeck/core'

const inflated = promisify<Uint8Array, ZlibOptions, Buffer>(inflate)

/** Whether bytes begin as gzip does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Unpacks gzip to at most `limit` bytes. Throws `FormatError` that begins with `where` for more, and for damage. */
export async function gunzip(
  bytes: Uint8Array,
  {
    limit,
    finishFlush,
    where,
  }: { readonly limit: number; readonly finishFlush?: number; readonly where: string },
): Promise<Uint8Array> {
  try {
    return await inflated(bytes, {
      maxOutputLength: limit,
      ...(finishFlush !== undefined && { finishFlush }),
    })
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new FormatError('gzip/damaged', `${where}: cannot be inflated`, {
      ...(tooLong && { expected: `at most ${limit} bytes`, received: 'more' }),
      ...(!tooLong && { received: (error as Error).message, hint: 'is the file complete?' }),
      cause: error,
    })
  }
}
