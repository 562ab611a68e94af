import type { Module } from '../nn/module.ts'
import { lerp } from '../ops/lerp.ts'

/**
 * Moves `average` towards `model`, in place: θ' ← decay·θ' + (1 − decay)·θ. Parameters are averaged; buffers (running
 * statistics) are copied. Both must have the same names and shapes.
 */
export function updateAverage(average: Module, model: Module, decay: number): void {
  const parameters = model.parameters()
  for (const [name, { tensor }] of average.parameters()) {
    lerp(tensor, parameters.get(name)!.tensor, { rate: 1 - decay })
  }
  const buffers = model.buffers()
  for (const [name, { tensor }] of average.buffers()) lerp(tensor, buffers.get(name)!.tensor, { rate: 1 })
}
