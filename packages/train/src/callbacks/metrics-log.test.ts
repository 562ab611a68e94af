import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Progress, Task } from '@limbeck/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseLog } from '../run/log-line.ts'
import { metricsLog } from './metrics-log.ts'

const task: Task = { index: 1, name: '1: b', classes: ['background', 'a', 'b'], oldClasses: 2, newClasses: 1 }
const progress: Progress = { task: 1, epoch: 2, epochs: 4, step: 29, steps: 40, fraction: 0.725 }
const event = { task, tasks: 2, resumed: false }

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'limbeck-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('metricsLog', () => {
  it('writes one object a line, in the order of the events, that parseLog reads back', () => {
    const file = join(directory, 'metrics.jsonl')
    const log = metricsLog(file)
    const terms = { ce: { value: 0.5, weight: 1 }, kd: { value: 0.02, weight: 10 } }
    log.onTaskStart?.(event)
    log.onStep?.({ ...event, progress, total: 0.7, terms, learningRate: 1e-3, seconds: 3.5 })
    log.onEpochEnd?.({ ...event, progress, loss: 0.8, score: 0.61, seconds: 4 })
    log.onEpochEnd?.({ ...event, progress, loss: 0.8, seconds: 4 })
    log.onTaskEnd?.({ ...event, metrics: { dice: 0.7 } })
    expect(parseLog(readFileSync(file, 'utf8'), file)).toEqual([
      { kind: 'task-start', task: 1, name: '1: b', classes: ['background', 'a', 'b'], oldClasses: 2 },
      { kind: 'step', task: 1, epoch: 2, step: 29, total: 0.7, terms, learningRate: 1e-3, seconds: 3.5 },
      { kind: 'epoch', task: 1, epoch: 2, step: 29, loss: 0.8, score: 0.61, seconds: 4 },
      { kind: 'epoch', task: 1, epoch: 2, step: 29, loss: 0.8, seconds: 4 },
      { kind: 'task-end', task: 1, metrics: { dice: 0.7 } },
    ])
  })

  it('appends to what is there: a resumed run goes on in the same file', () => {
    const file = join(directory, 'metrics.jsonl')
    metricsLog(file).onTaskEnd?.({ ...event, metrics: {} })
    metricsLog(file).onTaskEnd?.({ ...event, metrics: {} })
    expect(parseLog(readFileSync(file, 'utf8'), file)).toHaveLength(2)
  })
})

describe('parseLog', () => {
  it('drops a last line that a kill cut off', () => {
    const file = join(directory, 'metrics.jsonl')
    metricsLog(file).onTaskEnd?.({ ...event, metrics: {} })
    appendFileSync(file, '{"kind":"step","task":1,"ep')
    expect(parseLog(readFileSync(file, 'utf8'), file)).toHaveLength(1)
  })

  it('names the file and the line of any other broken line', () => {
    expect(() => parseLog('{"kind":"task-end","task":0,"metrics":{}}\noops\n', 'm.jsonl')).toThrow(
      /^m\.jsonl:2: not/,
    )
  })
})
