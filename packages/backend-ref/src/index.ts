export type { BackendStats } from '@limbeck/core/kernels'
export { RefBackend } from './backend.ts'
export { registerRef, registerRef as register } from './register.ts'
