export type { Handle, KernelSignature, MemoryUse, NativeAddon, NativeModule, Values } from './addon.ts'
export { NativeBackend } from './backend.ts'
export { type AddonPlaces, type Attempt, type LoadedAddon, loadAddon } from './load-addon.ts'
export { type NativeRegistration, registerNative } from './register-native.ts'
