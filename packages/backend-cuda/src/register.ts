import { registerNative } from '@limbeck/native'
import { type CudaBackend, loadCuda } from './load.ts'

/** Where tfjs chooses a backend by itself, a GPU comes first, and its emulation never before the reference. */
const priorities: Readonly<Record<CudaBackend, number>> = { cuda: 4, 'cuda-emulated': 0 }

/** Registers a backend with its kernels; why not, when it cannot work here. A second call does nothing. */
export function registerCuda(backend: CudaBackend = 'cuda'): string | undefined {
  const loaded = loadCuda(backend)
  if (!loaded.addon) return loaded.reason
  registerNative({ name: backend, addon: loaded.addon, priority: priorities[backend] })
  return undefined
}
