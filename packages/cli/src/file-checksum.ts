import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** SHA-256, in hexadecimal. */
export const checksumOf = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex')

/** SHA-256 of a file, in hexadecimal. */
export const fileChecksum = async (file: string): Promise<string> => checksumOf(await readFile(file))
