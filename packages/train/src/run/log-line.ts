import { FormatError, type Json } from '@limbeck/core'

interface At {
  readonly task: number
}

export interface TaskStartLine extends At {
  readonly kind: 'task-start'
  readonly name: string
  readonly classes: readonly string[]
  readonly oldClasses: number
}

export interface StepLine extends At {
  readonly kind: 'step'
  readonly epoch: number
  /** Counts from the start of the task, as does `seconds`. */
  readonly step: number
  readonly total: number
  /** Unweighted value and weight of each term. */
  readonly terms: Readonly<Record<string, { readonly value: number; readonly weight: number }>>
  readonly learningRate: number
  readonly seconds: number
}

export interface EpochLine extends At {
  readonly kind: 'epoch'
  readonly epoch: number
  /** The epoch's last step. */
  readonly step: number
  /** Mean total over the epoch. */
  readonly loss: number
  /** Validation mIoU without background; absent when the epoch was not evaluated. */
  readonly score?: number
  readonly seconds: number
}

export interface TaskEndLine extends At {
  readonly kind: 'task-end'
  readonly metrics: Readonly<Record<string, Json>>
}

/** One line of `metrics.jsonl`. */
export type LogLine = TaskStartLine | StepLine | EpochLine | TaskEndLine

/**
 * Parses `metrics.jsonl`. A last line without its newline was cut off by a kill and is dropped; any other line
 * that is not JSON throws `FormatError` with its number.
 */
export function parseLog(text: string, file: string): LogLine[] {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1)
  return complete.split('\n').flatMap((line, index) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as LogLine]
    } catch (error) {
      throw new FormatError('log/line', `${file}:${index + 1}: not a line of JSON`, {
        received: line.length > 60 ? `${line.slice(0, 60)}…` : line,
        cause: error,
      })
    }
  })
}
