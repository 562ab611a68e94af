import { registerBackend } from '@limbeck/core/kernels'
import { RefBackend } from './backend.ts'
import { kernels } from './kernels/index.ts'
import type { FloatStorage } from './storage.ts'

/** Higher wins when tfjs chooses a backend by itself; `ref64` is never its choice. */
const BACKENDS: readonly { name: string; storage: FloatStorage; priority: number }[] = [
  { name: 'ref', storage: 'float32', priority: 1 },
  { name: 'ref64', storage: 'float64', priority: 0 },
]

/**
 * Registers the backends `ref` (float32 storage) and `ref64` (float64 storage) with their kernels; a second call
 * does nothing. Choose one with `tf.setBackend('ref')`.
 */
export function registerRef(): void {
  for (const { name, storage, priority } of BACKENDS) {
    registerBackend({ name, priority, kernels, create: () => new RefBackend(storage) })
  }
}
