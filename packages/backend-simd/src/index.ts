export { loadSimd } from './load.ts'
export { registerSimd, registerSimd as register } from './register.ts'
