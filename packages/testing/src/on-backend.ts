import { BackendError, tf } from '@limbeck/core'

/**
 * Runs `run` on a backend that has been started, frees every tensor made in it, and goes back to the backend of
 * before. Throws `BackendError` when nobody registered the name.
 */
export function onBackend<T>(name: string, run: () => T): T {
  if (!tf.findBackendFactory(name)) {
    throw new BackendError('testing/no-backend', `backend "${name}" is not registered`, {
      hint: 'call registerRef() of @limbeck/backend-ref first, or import the package of the backend',
    })
  }
  const before = tf.getBackend()
  activate(name)
  tf.engine().startScope()
  try {
    return run()
  } finally {
    tf.engine().endScope()
    if (before) activate(before)
  }
}

/** Takes effect at once for a backend that needs no asynchronous start. */
function activate(name: string): void {
  // tfjs goes through its whole kernel registry even where nothing changes: a millisecond, more than most small kernels
  if (tf.getBackend() !== name) void tf.setBackend(name)
}
