import { overwrite } from '../engine.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, tf } from '../tf.ts'

/**
 * How a tensor lies in files, which keep PyTorch's layout, as the permutation of axes from memory to file.
 *
 * filter: HWIO → OIHW, and for transposed convolutions HWOI → IOHW. linear: [I,O] → [O,I].
 */
export const layouts = {
  plain: undefined,
  filter: [3, 2, 0, 1],
  linear: [1, 0],
} as const

export type Layout = keyof typeof layouts

/** A tensor that belongs to a module and outlives every `tf.tidy`; its identity never changes. */
abstract class Owned {
  readonly tensor: Tensor
  readonly layout: Layout

  /** Takes ownership of `tensor`. */
  constructor(tensor: Tensor, layout: Layout = 'plain') {
    this.tensor = tf.keep(tensor)
    this.layout = layout
  }

  get shape(): readonly number[] {
    return this.tensor.shape
  }

  /** Replaces the value by that of `value`, which is used up. */
  assign(value: Tensor): void {
    if (!tf.util.arraysEqual(value.shape, this.tensor.shape)) {
      throw new ShapeError('parameter/shape', 'assign: the shape of a parameter cannot change', {
        expected: formatShape(this.tensor.shape),
        received: formatShape(value.shape),
      })
    }
    overwrite(this.tensor, value)
  }

  dispose(): void {
    this.tensor.dispose()
  }
}

/** A tensor that training changes. */
export class Parameter extends Owned {
  /** Tells parameters from buffers, also across two copies of this package. */
  readonly role = 'parameter'
}

/** A tensor that is saved with the module but not optimised: running statistics. */
export class Buffer extends Owned {
  readonly role = 'buffer'
}
