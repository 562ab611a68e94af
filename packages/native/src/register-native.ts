import { registerBackend } from '@limbeck/core/kernels'
import type { NativeAddon } from './addon.ts'
import { NativeBackend } from './backend.ts'
import { kernels } from './kernels/index.ts'

export interface NativeRegistration {
  /** The tfjs name, such as `simd`. */
  readonly name: string
  readonly addon: NativeAddon
  /** Higher wins when tfjs chooses a backend by itself. */
  readonly priority: number
}

/** Registers a tfjs backend on a native device, with all kernels; a second call with the same name does nothing. */
export function registerNative({ name, addon, priority }: NativeRegistration): void {
  registerBackend({ name, priority, kernels, create: () => new NativeBackend(addon) })
}
