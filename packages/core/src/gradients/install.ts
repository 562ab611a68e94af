import { type GradConfig, tf } from '../tf.ts'
import { gradients } from './index.ts'

let inForce = 0
/** What the registry held before, by kernel, while our table stands in its place. */
const displaced = new Map<string, GradConfig | undefined>()

/**
 * Puts our gradients into tfjs's registry, which is global and keeps whatever came last. Calls nest; each needs one
 * `restore`. The registry is read when a kernel is recorded, so a tape needs this only while it is open.
 */
export function putInForce(): void {
  if (inForce++ > 0) return
  for (const config of gradients) {
    displaced.set(config.kernelName, tf.getGradient(config.kernelName))
    tf.registerGradient(config)
  }
}

/** Takes them back with the last of the nested calls. What someone else registered meanwhile stays. */
export function restore(): void {
  if (inForce === 0 || --inForce > 0) return
  for (const config of gradients) {
    if (tf.getGradient(config.kernelName) !== config) continue
    const before = displaced.get(config.kernelName)
    if (before) tf.registerGradient(before)
    else tf.unregisterGradient(config.kernelName)
  }
  displaced.clear()
}

/** Runs `record` with our gradients in force, and takes them back also when it throws. */
export function withOwnGradients<T>(record: () => T): T {
  putInForce()
  try {
    return record()
  } finally {
    restore()
  }
}
