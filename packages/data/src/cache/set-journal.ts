import { appendFile, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from '@limbeck/core'
import { makeDirectory } from '../files/make-directory.ts'

const fileSchema = z.strictObject({
  kind: z.literal('file'),
  path: z.string(),
  /** Size, times and inode: while they stay, the content is taken to stay, as git does. */
  stamp: z.string(),
  sha256: z.string(),
  /** ISO 8601, when the checksum was taken. */
  at: z.string(),
})

const sampleSchema = z.strictObject({
  kind: z.literal('sample'),
  key: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.int().positive(),
  pixels: z.array(z.tuple([z.int().min(0).max(255), z.int().positive()])),
})

const entrySchema = z.discriminatedUnion('kind', [fileSchema, sampleSchema])

export type FileEntry = z.infer<typeof fileSchema>
export type SampleEntry = z.infer<typeof sampleSchema>

/**
 * What is known of a data set: the checksum of each file and the summary of each sample that has been read. Lines are
 * only appended, in one write each, so that several processes may do it at once; each line begins with its own
 * checksum, and a damaged one is as good as absent. Later lines win.
 */
export class SetJournal {
  readonly #path: string | undefined
  readonly #files = new Map<string, FileEntry>()
  readonly #samples = new Map<string, SampleEntry>()

  private constructor(path: string | undefined) {
    this.#path = path
  }

  /** Reads a journal; without a path it lives in memory. */
  static async open(path: string | undefined): Promise<SetJournal> {
    const journal = new SetJournal(path)
    const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '')
    for (const line of text.split('\n')) {
      const entry = parseLine(line)
      if (entry) journal.#remember(entry)
    }
    return journal
  }

  file(path: string): FileEntry | undefined {
    return this.#files.get(path)
  }

  sample(key: string): SampleEntry | undefined {
    return this.#samples.get(key)
  }

  async append(entry: FileEntry | SampleEntry): Promise<void> {
    this.#remember(entry)
    if (this.#path === undefined) return
    try {
      await makeDirectory(dirname(this.#path))
      await appendFile(this.#path, formatLine(entry))
    } catch {
      // a cache that cannot be written forgets at the end of the process
    }
  }

  #remember(entry: FileEntry | SampleEntry): void {
    if (entry.kind === 'file') this.#files.set(entry.path, entry)
    else this.#samples.set(entry.key, entry)
  }
}

function formatLine(entry: FileEntry | SampleEntry): string {
  const text = JSON.stringify(entry)
  return `${checksum(text)} ${text}\n`
}

function parseLine(line: string): FileEntry | SampleEntry | undefined {
  const space = line.indexOf(' ')
  const text = line.slice(space + 1)
  if (space < 0 || line.slice(0, space) !== checksum(text)) return undefined
  return entrySchema.safeParse(JSON.parse(text)).data
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')
