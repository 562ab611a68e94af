import { describe, expect, it } from 'vitest'
import { forgetting, type MeasuredTask } from './forgetting.ts'
import { pixelMetrics } from './segmentation.ts'

/** A task whose classes each have 10 pixels, of which the given number are right and the rest background. */
function task(oldClasses: number, ...correct: number[]): MeasuredTask {
  const classes = ['background', 'a', 'b', 'c'].slice(0, correct.length + 1)
  const counts = new Float64Array(classes.length ** 2)
  counts[0] = 100
  correct.forEach((pixels, k) => {
    counts[(k + 1) * classes.length + k + 1] = pixels
    counts[(k + 1) * classes.length] = 10 - pixels
  })
  return {
    classes,
    oldClasses,
    metrics: pixelMetrics([{ classes: classes.length, counts }], { classes, oldClasses }),
  }
}

describe('forgetting', () => {
  it('is the best earlier IoU minus the IoU now, as a mean over old foreground classes', () => {
    // a: best 0.9 after task 1, now 0.5; b: 0.6, now 0.7. Class c is new and does not count.
    const tasks = [task(0, 8), task(2, 9, 6), task(3, 5, 7, 1)]
    expect(forgetting(tasks)).toBeCloseTo((0.9 - 0.5 + (0.6 - 0.7)) / 2, 12)
  })

  it('leaves out a class that no image shows, though some pixels are called it', () => {
    const of = (oldClasses: number, counts: readonly number[]): MeasuredTask => {
      const classes = ['background', 'a', 'b', 'c'].slice(0, Math.sqrt(counts.length))
      const confusion = { classes: classes.length, counts: Float64Array.from(counts) }
      return { classes, oldClasses, metrics: pixelMetrics([confusion], { classes, oldClasses }) }
    }
    // a: 8 of 10, then 4 of 10; b: in no image, but predicted both times
    const first = of(0, [9, 0, 1, 2, 8, 0, 0, 0, 0])
    const second = of(3, [9, 0, 1, 0, 6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
    expect(forgetting([first, second])).toBeCloseTo(0.8 - 0.4, 12)
  })

  it('is null where nothing can be forgotten yet', () => {
    expect(forgetting([task(0, 8)])).toBeNull()
    expect(forgetting([])).toBeNull()
  })
})
