import { type Tensor, tf } from '@limbeck/core'
import { mapTensors, type TensorsByName } from './tensors-by-name.ts'

const EPSILON = 1e-8

/** Each tensor moved to [0, 1] by its own extremes, `(x − min) / (max − min + 1e-8)`, as MiB's code does. */
export const normalizeImportance = (importance: TensorsByName): Map<string, Tensor> =>
  mapTensors(importance.keys(), (name) => {
    const x = importance.get(name)!
    const least = tf.min(x)
    return tf.div(tf.sub(x, least), tf.add(tf.sub(tf.max(x), least), EPSILON))
  })
