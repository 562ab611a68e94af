import type { z } from 'zod'
import { detach } from '../engine.ts'
import { ShapeError } from '../errors.ts'
import { type Tensor, tf } from '../tf.ts'
import { checkInputs, detachTargets, type Inputs, type Kinds } from './kinds.ts'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'

/** A loss as its author writes it: pure maths over named tensors. */
export interface LossSpec<I extends Kinds, S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  /** URL of the paper that introduced it. */
  readonly paper?: string
  readonly inputs: I
  readonly options: S
  /** Refuses options that do not go together, once, when the loss is made. Throws `ConfigError`. */
  validate?(options: OptionsOut<S>): void
  /** A scalar, or a map when an option such as `reduction: 'none'` asks for one. */
  compute(inputs: Inputs<I>, options: OptionsOut<S>): Tensor
}

/** A loss with its options: a function of named tensors. */
export interface Loss<I extends Kinds = Kinds> {
  (inputs: Inputs<I>): Tensor
  readonly spec: LossSpec<I, z.ZodRawShape>
  readonly options: Readonly<Record<string, unknown>>
}

/** Makes losses from options: `dice({ per: 'image' })`. */
export interface LossFactory<I extends Kinds = Kinds, S extends z.ZodRawShape = z.ZodRawShape> {
  (
    ...options: Record<never, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): Loss<I>
  readonly kind: 'loss'
  readonly spec: LossSpec<I, S>
}

/**
 * Makes a loss from its description. Options are validated and inputs checked at the edge, targets arrive
 * detached, and intermediate tensors are freed.
 */
export function defineLoss<I extends Kinds, S extends z.ZodRawShape>(
  spec: LossSpec<I, S>,
): LossFactory<I, S> {
  const where = `loss "${spec.name}"`
  const create = (given?: unknown): Loss<I> => {
    const options = parseOptions(spec.options, given, where)
    spec.validate?.(options)
    const loss = (inputs: Inputs<I>): Tensor => {
      checkInputs(spec.inputs, inputs as Readonly<Record<string, unknown>>, where)
      return tf.tidy(() => spec.compute(detachTargets(spec.inputs, inputs, detach), options))
    }
    return Object.assign(loss, {
      spec: spec as unknown as LossSpec<I, z.ZodRawShape>,
      options: options as never,
    })
  }
  return Object.assign(create, { kind: 'loss' as const, spec }) as unknown as LossFactory<I, S>
}

/** The value of a loss where a scalar is needed; a map means the wrong reduction. */
export function requireScalar(value: Tensor, where: string): Tensor {
  if (value.rank === 0) return value
  throw new ShapeError('loss/not-scalar', `${where}: the loss is not a scalar`, {
    expected: 'shape []',
    received: `shape [${value.shape.join(', ')}]`,
    hint: `a term needs a reduction other than 'none'`,
  })
}
