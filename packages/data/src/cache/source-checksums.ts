import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { DataError } from '@limbeck/core'
import type { SetJournal } from './set-journal.ts'

/** A file that is no longer what it was when the data set was first read. */
export interface ChangedSource {
  readonly file: string
  /** ISO 8601, when it was read before. */
  readonly readAt: string
}

/**
 * SHA-256 of files, taken when they are first read and again when size, times or inode say that they may have
 * changed. `onChange` hears of a file whose content did.
 */
export class SourceChecksums {
  readonly #journal: SetJournal
  readonly #onChange: (change: ChangedSource) => void
  readonly #running = new Map<string, Promise<string>>()

  constructor(journal: SetJournal, onChange: (change: ChangedSource) => void) {
    this.#journal = journal
    this.#onChange = onChange
  }

  /** Throws `DataError` for a file that cannot be read. */
  of(file: string): Promise<string> {
    const running = this.#running.get(file)
    if (running) return running
    const taking = this.#take(file).finally(() => this.#running.delete(file))
    this.#running.set(file, taking)
    return taking
  }

  async #take(file: string): Promise<string> {
    try {
      const { size, mtimeNs, ctimeNs, ino } = await stat(file, { bigint: true })
      const stamp = [size, mtimeNs, ctimeNs, ino].join(':')
      const known = this.#journal.file(file)
      if (known?.stamp === stamp) return known.sha256
      const hash = createHash('sha256')
      await pipeline(createReadStream(file), hash)
      const sha256 = hash.digest('hex')
      await this.#journal.append({ kind: 'file', path: file, stamp, sha256, at: new Date().toISOString() })
      if (known && known.sha256 !== sha256) this.#onChange({ file, readAt: known.at })
      return sha256
    } catch (error) {
      throw new DataError('data/unreadable', `${file}: cannot be read`, {
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        cause: error,
      })
    }
  }
}
