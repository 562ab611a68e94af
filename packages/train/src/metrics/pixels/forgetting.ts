import type { TaskMetrics } from '../measurement.ts'

/** A class list with the metrics measured over it. */
export interface MeasuredTask {
  readonly classes: readonly string[]
  /** How many of the classes earlier tasks brought. */
  readonly oldClasses: number
  readonly metrics: TaskMetrics
}

/**
 * Forgetting after the last of `tasks` (Chaudhry et al., 2018), on IoU without background: mean over the old
 * classes of the best IoU that any earlier task reached minus the IoU now. Negative when old classes got better;
 * `null` when there is no old class with an IoU on both sides. Like the means, it leaves out what the truth lacks.
 */
export function forgetting(tasks: readonly MeasuredTask[]): number | null {
  const last = tasks.at(-1)
  if (!last) return null
  const earlier = tasks.slice(0, -1)
  const losses = last.classes.slice(1, last.oldClasses).flatMap((name, index) => {
    if (!isInTruth(last, index + 1)) return []
    const now = iouOf(last, name)
    const before = earlier.map((task) => iouOf(task, name)).filter((iou) => iou !== null)
    return now === null || before.length === 0 ? [] : [Math.max(...before) - now]
  })
  return losses.length > 0 ? losses.reduce((sum, loss) => sum + loss, 0) / losses.length : null
}

const isInTruth = ({ metrics }: MeasuredTask, channel: number): boolean =>
  metrics.confusion[channel]!.some((pixels) => pixels > 0)

/** IoU of a class after a task; `null` where it was not seen yet or occurs nowhere. */
export const iouOf = ({ metrics }: MeasuredTask, name: string): number | null =>
  metrics.withBackground.perClass[name]?.iou ?? null
