import { DataError, type z } from '@limbeck/core'
import { readText } from './read-whole.ts'

/** JavaScript holds no longer text. */
const MOST_BYTES = 2 ** 29

/** Reads JSON that has to be as `schema` says. Throws `DataError` naming the file and the places that are wrong. */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(file, MOST_BYTES)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new DataError('data/syntax', `${file}: ${(error as Error).message}`, { cause: error })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.slice(0, 10)
  const lines = issues.map(({ message, path }) => `${message} at ${path.join('.') || 'the top'}`)
  throw new DataError('data/manifest', `${file}: ${lines.join('; ')}`)
}
