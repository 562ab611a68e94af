import type { RunResult, TaskMetrics } from '@limbeck/train'
import { describe, expect, it } from 'vitest'
import type { ResultLine } from '../progress/json-lines.ts'
import { demoScores, demoSentence, demoTable } from './demo-result.ts'

type Miou = TaskMetrics['withBackground']['miou']

const line = (method: string, miou: Miou): ResultLine => {
  const metrics = { withBackground: { miou }, withoutBackground: { miou } } as unknown as TaskMetrics
  const result = { method, tasks: [{ name: 'last', classes: [], metrics }] } as unknown as RunResult
  return { kind: 'result', directory: method, result }
}

const seeds = [0, 0.1].map((shift, index) => ({
  seed: index + 1,
  teacher: line('teacher', { old: null, new: 0.7 + shift, all: 0.7 + shift }),
  students: {
    'fine-tune': line('fine-tune', { old: 0, new: 0.6, all: 0.15 }),
    plop: line('plop', { old: 0.65 + shift, new: 0.5, all: 0.6 }),
  },
}))

describe('the result of the demo', () => {
  it('compares what the teacher knew with what is left of it, over the seeds', () => {
    const scores = demoScores(seeds)
    expect(scores.teacher.withoutBackground.old.mean).toBeCloseTo(0.75)
    expect(scores.plop.withoutBackground.old.mean).toBeCloseTo(0.7)
    expect(demoTable(scores)).toMatch(/^teacher +75\.0 ± 7\.1 +– +75\.0 ± 7\.1/m)
  })

  it('says in a sentence what the numbers say', () => {
    expect(demoSentence(demoScores(seeds))).toBe(
      'The teacher knows three types of nuclei (mIoU 75.0). Trained on neutrophils alone, fine-tuning forgets them ' +
        '(0.0); PLOP ends at 70.0 and learns the new type to 50.0.',
    )
  })
})
