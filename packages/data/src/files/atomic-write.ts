import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

export interface WriteOptions {
  /** Wait until the content is on the disk, so that a power cut cannot lose it after the rename. Default true. */
  readonly durable?: boolean
}

/** Writes a file so that a reader, or a machine that stops, finds the old content or the new, never a half. */
export async function writeAtomically(
  path: string,
  content: Uint8Array | string,
  { durable = true }: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(content)
      if (durable) await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)
