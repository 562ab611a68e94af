import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { RunError } from '@limbeck/core'
import type { EventLine, ResultLine } from '../progress/json-lines.ts'

export interface ChildOptions {
  /** What follows `limbeck train`. */
  readonly args: readonly string[]
  readonly onLine: (line: EventLine) => void
  /** Kills the child. */
  readonly signal: AbortSignal
}

const BIN = fileURLToPath(new URL(`../bin${extname(import.meta.url)}`, import.meta.url))

/** Runs `limbeck train … --json` in a process of its own. Throws `RunError` with what the child complained of. */
export async function trainInChild({ args, onLine, signal }: ChildOptions): Promise<ResultLine> {
  const child = spawn(process.execPath, [BIN, 'train', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // a rejection before it is awaited below must not end the process
  ended.catch(() => {})
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  let result: ResultLine | undefined
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as EventLine
    if (line.kind === 'result' && 'result' in line) result = line
    onLine(line)
  }
  const code = await ended
  if (code === 0 && result) return result
  throw new RunError('demo/child-failed', `limbeck train ${args.join(' ')}: exit code ${code}`, {
    received: complaint.trim() || 'no message',
  })
}
