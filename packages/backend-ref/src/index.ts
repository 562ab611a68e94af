export { type BackendStats, RefBackend } from './backend.ts'
export { registerRef, registerRef as register } from './register.ts'
