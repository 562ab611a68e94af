import { type RunResult, type Spread, spread } from '@limbeck/train'
import { percent } from '../progress/format.ts'
import { textTable } from '../text-table.ts'
import { METHODS, type Method, type SeedRuns } from './run-seed.ts'

const GROUPS = ['old', 'new', 'all'] as const
type Miou = Readonly<Record<(typeof GROUPS)[number], Spread>>

/** mIoU (0..1) over the seeds, as mean and deviation. */
export interface DemoScores {
  readonly withoutBackground: Miou
  readonly withBackground: Miou
}

/** What `limbeck demo --json` prints. */
export interface DemoResult {
  readonly seconds: number
  readonly seeds: readonly SeedRuns[]
  readonly scores: Readonly<Record<'teacher' | Method, DemoScores>>
  /** Forgetting and its cure in a sentence. */
  readonly sentence: string
  /** A page that compares the runs. */
  readonly comparison: string
}

export function demoScores(seeds: readonly SeedRuns[]): DemoResult['scores'] {
  const students = METHODS.map((method) => [
    method,
    scoresOf(seeds.map((one) => one.students[method].result)),
  ])
  return {
    // every class is new to the teacher; the students' old classes are what it knows
    teacher: asOld(scoresOf(seeds.map(({ teacher }) => teacher.result))),
    ...(Object.fromEntries(students) as Record<Method, DemoScores>),
  }
}

function scoresOf(results: readonly RunResult[]): DemoScores {
  const over = (set: keyof DemoScores): Miou => {
    const last = results.map(({ tasks }) => tasks.at(-1)!.metrics[set].miou)
    return { old: of(last, 'old'), new: of(last, 'new'), all: of(last, 'all') }
  }
  return { withoutBackground: over('withoutBackground'), withBackground: over('withBackground') }
}

const of = (miou: readonly Readonly<Record<keyof Miou, number | null>>[], group: keyof Miou): Spread =>
  spread(miou.map((one) => one[group]))

function asOld({ withoutBackground, withBackground }: DemoScores): DemoScores {
  const none = { mean: null, deviation: null }
  const swap = ({ new: learnt, all }: Miou): Miou => ({ old: learnt, new: none, all })
  return { withoutBackground: swap(withoutBackground), withBackground: swap(withBackground) }
}

/** The table that people read: mIoU in per cent, mean ± standard deviation over seeds. */
export function demoTable(scores: DemoResult['scores']): string {
  const cell = ({ mean, deviation }: Spread) =>
    deviation === null ? percent(mean) : `${percent(mean)} ± ${percent(deviation)}`
  const rows = Object.entries(scores).map(([name, { withoutBackground, withBackground }]) => [
    name,
    ...GROUPS.map((group) => cell(withoutBackground[group])),
    ...GROUPS.map((group) => cell(withBackground[group])),
  ])
  return textTable([['mIoU in %', ...GROUPS, ...GROUPS.map((group) => `${group} + background`)], ...rows])
}

/** Says what the numbers say, whichever way they turned out. */
export function demoSentence({ teacher, plop, 'fine-tune': tuned }: DemoResult['scores']): string {
  const [before, forgot, kept] = [teacher, tuned, plop].map((one) => one.withoutBackground.old.mean ?? 0)
  const learnt = plop.withoutBackground.new.mean
  const lost = forgot! < before! / 2 ? 'forgets them' : 'forgets some of what it knew'
  return (
    `The teacher knows three types of nuclei (mIoU ${percent(before)}). ` +
    `Trained on neutrophils alone, fine-tuning ${lost} (${percent(forgot)}); ` +
    `PLOP ends at ${percent(kept)} and learns the new type to ${percent(learnt)}.`
  )
}
