import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { FormatError, RunError } from '@limbeck/core'
import { pathExists } from '@limbeck/data'
import type { ImageRecord } from '@limbeck/train'

/** What an evaluation has kept of images, in a file with a line each, behind a line that says what was evaluated. */
export interface EvaluationRecords {
  /** Of the first images of the split. */
  readonly known: readonly ImageRecord[]
  readonly onRecord: (record: ImageRecord) => Promise<void>
}

/**
 * Opens a file of records, or begins one. Throws `RunError` when it holds those of another model, split or setting,
 * `FormatError` when it is no such file. A last line that a kill cut off is dropped.
 */
export async function openRecords(file: string, evaluated: object): Promise<EvaluationRecords> {
  const about = JSON.parse(JSON.stringify(evaluated)) as object
  const lines = (await pathExists(file)) ? completeLines(await readFile(file, 'utf8')) : []
  const [first, ...known] = lines.map((line, index) => parseLine(line, `${file}:${index + 1}`))
  if (first !== undefined && !isDeepStrictEqual(first, about)) {
    throw new RunError('eval/other-settings', `${file}: holds another evaluation`, {
      expected: JSON.stringify(first),
      received: JSON.stringify(about),
      hint: 'name another file with --resume',
    })
  }
  const whole = [about, ...known].map((value) => `${JSON.stringify(value)}\n`)
  await writeFile(file, whole.join(''))
  return {
    known: known as ImageRecord[],
    onRecord: (record) => appendFile(file, `${JSON.stringify(record)}\n`),
  }
}

const completeLines = (text: string): string[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new FormatError('eval/records', `${where}: not a line of JSON`, {
      hint: 'name another file with --resume',
      cause: error,
    })
  }
}
