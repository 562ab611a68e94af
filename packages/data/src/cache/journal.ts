import { appendFile, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { z } from '@limbeck/core'
import { makeDirectory } from '../files/make-directory.ts'

/**
 * Values by key in a file to which lines are only appended, in one write each, so that several processes may do it at
 * once. Each line begins with its own checksum, and a damaged one is as good as absent. Later lines win.
 */
export class Journal<T> {
  readonly #path: string | undefined
  readonly #values = new Map<string, T>()

  private constructor(path: string | undefined) {
    this.#path = path
  }

  /** Reads a journal whose values are as `schema` says; without a path it lives in memory. */
  static async open<T>(path: string | undefined, schema: z.ZodType<T>): Promise<Journal<T>> {
    const journal = new Journal<T>(path)
    const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '')
    for (const line of text.split('\n')) {
      const [key, value] = parseLine(line) ?? []
      const result = schema.safeParse(value)
      if (key !== undefined && result.success) journal.#values.set(key, result.data)
    }
    return journal
  }

  get(key: string): T | undefined {
    return this.#values.get(key)
  }

  async set(key: string, value: T): Promise<void> {
    this.#values.set(key, value)
    if (this.#path === undefined) return
    try {
      await makeDirectory(dirname(this.#path))
      await appendFile(this.#path, formatLine([key, value]))
    } catch {
      // a cache that cannot be written forgets at the end of the process
    }
  }
}

function formatLine(entry: readonly [key: string, value: unknown]): string {
  const text = JSON.stringify(entry)
  return `${checksum(text)} ${text}\n`
}

function parseLine(line: string): [key: string, value: unknown] | undefined {
  const space = line.indexOf(' ')
  const text = line.slice(space + 1)
  return space >= 0 && line.slice(0, space) === checksum(text) ? JSON.parse(text) : undefined
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')
