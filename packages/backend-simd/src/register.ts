import { registerNative } from '@limbeck/native'
import { loadSimd } from './load.ts'

/** Higher than the reference's, lower than a GPU's, when tfjs chooses a backend by itself. */
const PRIORITY = 2

/** Registers the backend `simd` with its kernels; why not, when its addon cannot be used. A second call does nothing. */
export function registerSimd(): string | undefined {
  const loaded = loadSimd()
  if (!loaded.addon) return loaded.reason
  registerNative({ name: 'simd', addon: loaded.addon, priority: PRIORITY })
  return undefined
}
