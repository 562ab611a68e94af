import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { writeAtomically } from '../files/atomic-write.ts'
import { makeDirectory } from '../files/make-directory.ts'

/** Checksum (CRC-32) and length of what follows, little-endian: enough to notice a damaged or a short file. */
const HEADER_BYTES = 12
/** Eviction goes down to this share of the bound, so that it is rare. */
const KEPT_SHARE = 0.9
/** How exactly "used least recently" is known; a finer clock would cost a write at each read. */
const CLOCK_MS = 3_600_000
/** A temporary file as old as this was left by a process that died. */
const ABANDONED_MS = 3_600_000

interface Entry {
  readonly file: string
  readonly bytes: number
  readonly usedAt: number
}

/**
 * Bytes by key in a directory that several processes may share. What is damaged is taken for absent and removed; what
 * was used least recently goes when the bound is exceeded, which each process may do by a tenth for a short while.
 * No method throws for what the file system does: a cache that cannot be written is an empty one.
 */
export class DiskCache {
  readonly #directory: string
  readonly #bound: number
  /** Bytes that may be added before the directory is looked at again; unknown before the first addition. */
  #room: Promise<number> | undefined
  #writable = true

  constructor(directory: string, bound: number) {
    this.#directory = directory
    this.#bound = bound
  }

  /** The bytes of a key, made of hexadecimal digits; nothing when it is absent or was damaged. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const file = this.#file(key)
    const stored = await readFile(file).catch(() => undefined)
    if (!stored) return undefined
    const content = unseal(stored)
    if (content) await touch(file)
    else await rm(file, { force: true }).catch(() => {})
    return content
  }

  async set(key: string, content: Uint8Array): Promise<void> {
    if (!this.#writable || content.byteLength + HEADER_BYTES > this.#bound * (1 - KEPT_SHARE)) return
    try {
      await this.#makeRoom(content.byteLength + HEADER_BYTES)
      const file = this.#file(key)
      await makeDirectory(dirname(file))
      // what a power cut leaves is found out by its checksum
      await writeAtomically(file, seal(content), { durable: false })
    } catch {
      // full, read-only or not ours: the samples are read from their sources, as without a cache
      this.#writable = false
    }
  }

  #file(key: string): string {
    return join(this.#directory, key.slice(0, 2), key)
  }

  async #makeRoom(bytes: number): Promise<void> {
    const before = this.#room ?? this.#evict()
    this.#room = before.then(async (room) => (room >= bytes ? room : await this.#evict()) - bytes)
    await this.#room
  }

  /** Removes what was used least recently while the bound is exceeded; resolves to the bytes that are free then. */
  async #evict(): Promise<number> {
    const entries = (await this.#list()).sort((a, b) => a.usedAt - b.usedAt)
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    const wanted = this.#bound * KEPT_SHARE
    for (const { file, bytes } of entries) {
      if (total <= wanted) break
      await rm(file, { force: true })
      total -= bytes
    }
    return this.#bound - total
  }

  async #list(): Promise<Entry[]> {
    const now = Date.now()
    const folders = await readdir(this.#directory).catch(() => [])
    const entries: Entry[] = []
    for (const folder of folders) {
      const names = await readdir(join(this.#directory, folder)).catch(() => [])
      for (const name of names) {
        const file = join(this.#directory, folder, name)
        // another process may have removed it meanwhile
        const found = await stat(file).catch(() => undefined)
        if (!found?.isFile()) continue
        if (name.endsWith('.tmp') && now - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true })
        else entries.push({ file, bytes: found.size, usedAt: found.mtimeMs })
      }
    }
    return entries
  }
}

function seal(content: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(HEADER_BYTES + content.byteLength)
  const header = new DataView(sealed.buffer)
  header.setUint32(0, crc32(content), true)
  header.setBigUint64(4, BigInt(content.byteLength), true)
  sealed.set(content, HEADER_BYTES)
  return sealed
}

function unseal(stored: Uint8Array): Uint8Array | undefined {
  if (stored.byteLength < HEADER_BYTES) return undefined
  const header = new DataView(stored.buffer, stored.byteOffset, HEADER_BYTES)
  const content = stored.subarray(HEADER_BYTES)
  const whole =
    header.getBigUint64(4, true) === BigInt(content.byteLength) &&
    header.getUint32(0, true) === crc32(content)
  return whole ? content : undefined
}

async function touch(file: string): Promise<void> {
  try {
    const now = Date.now()
    if (now - (await stat(file)).mtimeMs > CLOCK_MS) await utimes(file, now / 1000, now / 1000)
  } catch {
    // evicted by another process since
  }
}
