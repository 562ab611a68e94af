import { constant, cosine, multiStep, type Progress, plateau, poly, type Schedule } from '@limbeck/core'
import { describe, expect, it } from 'vitest'

const at = (step: number, steps = 100): Progress => ({
  task: 0,
  epoch: 0,
  epochs: 1,
  step,
  steps,
  fraction: step / steps,
})
const factors = (schedule: Schedule, steps: readonly number[]) =>
  steps.map((step) => schedule.factor(at(step)))

describe('schedules', () => {
  it('constant stays', () => {
    expect(factors(constant(), [0, 50, 99])).toEqual([1, 1, 1])
  })

  it('poly falls to nearly nothing', () => {
    expect(factors(poly({ power: 2 }), [0, 50, 90])).toEqual([1, 0.25, expect.closeTo(0.01, 10)])
  })

  it('multi-step drops at its milestones', () => {
    const schedule = multiStep({ milestones: [0.5, 0.75], gamma: 0.1 })
    expect(factors(schedule, [0, 49, 50, 75])).toEqual([1, 1, 0.1, expect.closeTo(0.01, 10)])
  })

  it('cosine warms up in a line and ends at its floor', () => {
    const schedule = cosine({ warmup: 0.1, floor: 0.2 })
    expect(factors(schedule, [0, 4, 9, 10])).toEqual([0.1, 0.5, 1, 1])
    expect(schedule.factor(at(55))).toBeCloseTo(0.6, 10)
    expect(schedule.factor(at(100))).toBeCloseTo(0.2, 10)
  })

  it('plateau drops when the loss has not fallen for longer than its patience', () => {
    const schedule = plateau({ gamma: 0.5, patience: 1, threshold: 0.1 })
    const losses = [1, 0.95, 0.8, 0.75, 0.78, 0.5]
    const seen = losses.map((loss) => {
      schedule.observe!(loss)
      return schedule.factor(at(0))
    })
    expect(seen).toEqual([1, 1, 1, 1, 0.5, 0.5])
  })

  it('plateau goes on where it was', () => {
    const make = () => plateau({ gamma: 0.5, patience: 1, threshold: 0 })
    const [unbroken, before, after] = [make(), make(), make()]
    for (const loss of [1, 2]) for (const one of [unbroken, before]) one.observe!(loss)
    after.restore!(JSON.parse(JSON.stringify(before.state!())) as Record<string, number>)
    for (const one of [unbroken, after]) one.observe!(2)
    expect(after.factor(at(0))).toBe(0.5)
    expect(after.state!()).toEqual(unbroken.state!())
    expect(JSON.parse(JSON.stringify(make().state!()))).toEqual({ factor: 1, waited: 0 })
  })
})
