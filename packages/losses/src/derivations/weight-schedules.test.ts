import type { Progress, Weight } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { adaptiveReweighting } from './adaptive-reweighting.ts'
import { emaDecay, gate, linearRampUp, sigmoidRampUp } from './weight-schedules.ts'

const at = (weight: Weight, epoch: number): number =>
  typeof weight === 'number'
    ? weight
    : weight({
        task: 0,
        epoch,
        epochs: 100,
        step: 10 * epoch,
        steps: 1000,
        fraction: epoch / 100,
      } satisfies Progress)

describe('weights over a task', () => {
  it('a gate opens at its epoch', () => {
    const weight = gate(0.1, { from: 15 })
    expect([at(weight, 14), at(weight, 15)]).toEqual([0, 0.1])
  })

  it('a sigmoid ramp starts at e⁻⁵, ends at 1 and stays', () => {
    const weight = sigmoidRampUp(2, { length: 20 })
    expect(at(weight, 0)).toBeCloseTo(2 * Math.exp(-5), 12)
    expect([at(weight, 20), at(weight, 90)]).toEqual([2, 2])
    expect(at(sigmoidRampUp(2, { length: 0 }), 0)).toBe(2)
  })

  it('a linear ramp counts steps when asked', () => {
    expect(at(linearRampUp(1, { length: 100, unit: 'step' }), 5)).toBe(0.5)
  })

  it('the EMA decay averages all steps at first', () => {
    expect([emaDecay(0), emaDecay(1), emaDecay(3), emaDecay(1000)]).toEqual([0, 0.5, 0.75, 0.99])
  })

  it('adaptive reweighting of the report: √5 for 4 + 1 classes, 2 for 3 + 1', () => {
    expect(adaptiveReweighting({ all: 5, added: 1 })).toBeCloseTo(2.236, 3)
    expect(adaptiveReweighting({ all: 4, added: 1 })).toBe(2)
    expect(adaptiveReweighting({ all: 5, added: 1 }, 'ratio')).toBe(4)
    expect(adaptiveReweighting({ all: 5, added: 1 }, 'none')).toBe(1)
  })
})
