import { tf } from '../tf.ts'
import type { KernelTable } from './kernel.ts'
import type { TensorBackend, TensorData } from './tensor-backend.ts'

export interface BackendRegistration {
  /** Its tfjs name, without `_`. */
  readonly name: string
  /** Higher wins when tfjs chooses a backend by itself. */
  readonly priority: number
  readonly create: () => TensorBackend<TensorData>
  readonly kernels: KernelTable
}

/** Makes a backend and its kernels known to tfjs; a second call with the same name does nothing. */
export function registerBackend({ name, priority, create, kernels }: BackendRegistration): void {
  if (tf.findBackendFactory(name)) return
  tf.registerBackend(name, create, priority)
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: name,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as TensorBackend<TensorData>).launch(kernelName, kernel as never, inputs, attrs),
    })
  }
}
