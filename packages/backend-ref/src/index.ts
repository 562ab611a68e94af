export { type BackendStats, RefBackend } from './backend.ts'
export { registerRef } from './register.ts'
