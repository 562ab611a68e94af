export { type CudaBackend, loadCuda } from './load.ts'
export { registerCuda, registerCuda as register } from './register.ts'
