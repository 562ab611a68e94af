import { registerBackend } from '@limbeck/core/kernels'
import type { NativeAddon } from './addon.ts'
import { NativeBackend } from './backend.ts'
import { kernelNumbers } from './kernel-numbers.ts'
import { kernels } from './kernels/index.ts'

export interface NativeRegistration {
  /** The tfjs name, such as `simd`. */
  readonly name: string
  readonly addon: NativeAddon
  /** Higher wins when tfjs chooses a backend by itself. */
  readonly priority: number
}

/**
 * Registers a tfjs backend on a native device, with all kernels; a second call with the same name does nothing. Throws
 * `BackendError` when the addon was built from other sources than these.
 */
export function registerNative({ name, addon, priority }: NativeRegistration): void {
  kernelNumbers(addon) // tfjs would hide what goes wrong in `create`
  registerBackend({ name, priority, kernels, create: () => new NativeBackend(addon) })
}
