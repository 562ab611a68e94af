import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DataError, z } from '@limbeck/core'
import { atMost } from '../files/at-most.ts'
import { digest } from './digest.ts'
import { Journal } from './journal.ts'

/** A file that is no longer what it was when it was first read. */
export interface ChangedSource {
  readonly file: string
  /** ISO 8601, when it was read before. */
  readonly readAt: string
}

/** Files that are read at once: processes may open a few hundred. */
const FILES_AT_ONCE = 4
/** The longest step of a file system's clock (FAT's): a file may change within it and keep its times. */
const CLOCK_STEP_MS = 2000

const checksumSchema = z.strictObject({
  /** Size, times and inode: while they stay, the content is taken to stay, as git does. */
  stamp: z.string(),
  sha256: z.string(),
  /** ISO 8601, when the checksum began to be taken. */
  at: z.string(),
})

type Checksum = z.infer<typeof checksumSchema>

/**
 * SHA-256 of files, taken when they are first read and again when size, times or inode say that they may have
 * changed. They are kept in a journal for each directory of files, whatever data set reads them.
 */
export class SourceChecksums {
  readonly #directory: string | undefined
  readonly #onChange: (change: ChangedSource) => void
  readonly #journals = new Map<string, Promise<Journal<Checksum>>>()
  readonly #running = new Map<string, Promise<string>>()
  readonly #reading = atMost(FILES_AT_ONCE)

  /** Keeps journals in `directory`, or nothing beyond this process. `onChange` hears of a file whose content changed. */
  constructor(directory: string | undefined, onChange: (change: ChangedSource) => void) {
    this.#directory = directory
    this.#onChange = onChange
  }

  /** The checksum of a file. Throws `DataError` for one that cannot be read. */
  of(file: string): Promise<string> {
    const running = this.#running.get(file)
    if (running) return running
    const taking = this.#take(file).finally(() => this.#running.delete(file))
    this.#running.set(file, taking)
    return taking
  }

  async #take(file: string): Promise<string> {
    const journal = await this.#journal(dirname(file))
    const known = journal.get(file)
    try {
      const at = new Date().toISOString()
      const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true })
      const stamp = [size, mtimeNs, ctimeNs, ino].join(':')
      // a checksum that was taken right about a change may have missed another one: git's "racy" entries
      const changedAt = Number(ctimeNs / 1_000_000n)
      const settled = known && Math.abs(Date.parse(known.at) - changedAt) > CLOCK_STEP_MS
      if (settled && known.stamp === stamp) return known.sha256
      const sha256 = await this.#reading(() => sha256Of(file))
      await journal.set(file, { stamp, sha256, at })
      if (known && known.sha256 !== sha256) this.#onChange({ file, readAt: known.at })
      return sha256
    } catch (error) {
      throw new DataError('data/unreadable', `${file}: cannot be read`, {
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        cause: error,
      })
    }
  }

  #journal(of: string): Promise<Journal<Checksum>> {
    const opened = this.#journals.get(of)
    if (opened) return opened
    const path = this.#directory === undefined ? undefined : join(this.#directory, `${digest(of)}.journal`)
    const opening = Journal.open(path, checksumSchema)
    this.#journals.set(of, opening)
    return opening
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
