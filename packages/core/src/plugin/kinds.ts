import { formatShape, ShapeError } from '../errors.ts'
import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../tf.ts'

export type KindName = 'map' | 'logits' | 'labels' | 'pixels' | 'scalar' | 'list'

export interface KindOptions {
  /** Name of an input whose shape this one must have; labels and pixels compare `[B,H,W]`. */
  readonly like?: string
  /** Name of an input with which `[B,H,W]` must agree, while channels may differ. */
  readonly over?: string
  /** A target never receives gradient: the framework detaches it. */
  readonly target?: boolean
}

/**
 * What a loss reads: the kind of tensor, and how it relates to the other inputs.
 *
 * The kind gives the TypeScript type, the check of rank and dtype, and the generator that `check-plugin` and the
 * property tests draw from.
 */
export interface Kind<T = unknown, Optional extends boolean = boolean> extends KindOptions {
  readonly kind: KindName
  readonly isOptional: Optional
  /** The kind of each element, for lists. */
  readonly element?: Kind
  /** The same kind, for an input that may be left out. */
  optional(): Kind<T, true>
  /** Carries `T` in the type only. */
  readonly value?: T
}

/** A feature map: float32 [B,H,W,C]. */
export const map = (options: KindOptions = {}): Kind<Tensor4D, false> => kind('map', options)
/** Scores before softmax: float32 [B,H,W,C]. */
export const logits = (options: KindOptions = {}): Kind<Tensor4D, false> => kind('logits', options)
/** Class ids: int32 [B,H,W], 255 = ignored. */
export const labels = (options: KindOptions = {}): Kind<Tensor3D, false> => kind('labels', options)
/** A number per pixel: float32 [B,H,W]. */
export const pixels = (options: KindOptions = {}): Kind<Tensor3D, false> => kind('pixels', options)
/** One number: float32 []. */
export const scalar = (options: KindOptions = {}): Kind<Scalar, false> => kind('scalar', options)
/** Several tensors of one kind: K teachers, several heads. At least one. */
export const list = <T>(element: Kind<T, false>): Kind<readonly T[], false> => ({
  ...kind<readonly T[]>('list', element.target === undefined ? {} : { target: element.target }),
  element,
})

export type Kinds = Readonly<Record<string, Kind>>

type OptionalNames<I extends Kinds> = {
  [P in keyof I]: I[P] extends Kind<unknown, infer Optional> ? (Optional extends true ? P : never) : never
}[keyof I]
type Value<K> = K extends Kind<infer T> ? T : never

/** The tensors of a set of inputs, as a caller gives them and as `compute` receives them. */
export type Inputs<I extends Kinds> = {
  readonly [P in Exclude<keyof I, OptionalNames<I>>]: Value<I[P]>
} & { readonly [P in OptionalNames<I>]?: Value<I[P]> | undefined }

const ranks: Readonly<Record<Exclude<KindName, 'list'>, number>> = {
  map: 4,
  logits: 4,
  labels: 3,
  pixels: 3,
  scalar: 0,
}
const shapes: Readonly<Record<Exclude<KindName, 'list'>, string>> = {
  map: '[B,H,W,C]',
  logits: '[B,H,W,C]',
  labels: '[B,H,W]',
  pixels: '[B,H,W]',
  scalar: '[]',
}

/** Checks tensors against their kinds. `where` names the reader in errors (`loss "dice"`). */
export function checkInputs(kinds: Kinds, inputs: Readonly<Record<string, unknown>>, where: string): void {
  for (const [name, expected] of Object.entries(kinds)) {
    const given = inputs[name]
    if (given === undefined) {
      if (expected.isOptional) continue
      throw new ShapeError('input/missing', `${where}: input "${name}" is missing`)
    }
    const all = expected.kind === 'list' ? (given as Tensor[]) : [given as Tensor]
    if (all.length === 0)
      throw new ShapeError('input/empty-list', `${where}: input "${name}" is an empty list`)
    const element = expected.element ?? expected
    for (const x of all) checkOne(name, x, element, where)
    for (const x of all) checkRelation(name, x, element, inputs, where)
  }
  for (const name of Object.keys(inputs)) {
    if (!(name in kinds)) throw new ShapeError('input/unknown', `${where}: no input is named "${name}"`)
  }
}

function checkOne(name: string, x: Tensor, { kind: kindName }: Kind, where: string): void {
  if (kindName === 'list')
    throw new ShapeError('input/nested-list', `${where}: input "${name}" is a list of lists`)
  const dtype = kindName === 'labels' ? 'int32' : 'float32'
  if (x.rank !== ranks[kindName] || x.dtype !== dtype) {
    throw new ShapeError('input/kind', `${where}: input "${name}" is not of kind ${kindName}`, {
      expected: `${dtype} ${shapes[kindName]}`,
      received: `${x.dtype} ${formatShape(x.shape)}`,
    })
  }
}

function checkRelation(
  name: string,
  x: Tensor,
  { like, over }: Kind,
  inputs: Readonly<Record<string, unknown>>,
  where: string,
): void {
  const other = inputs[like ?? over ?? ''] as Tensor | undefined
  if (!other || !('shape' in other)) return
  const length = over === undefined ? Math.min(x.rank, other.rank) : 3
  const agrees = x.shape.slice(0, length).every((size, i) => size === other.shape[i])
  if (!agrees) {
    throw new ShapeError('input/shape', `${where}: "${name}" does not fit "${like ?? over}"`, {
      expected: `${formatShape(other.shape.slice(0, length))}${length < x.rank ? ' and any channels' : ''}`,
      received: formatShape(x.shape),
    })
  }
}

/** Detaches the inputs that are targets. */
export function detachTargets<I extends Kinds>(
  kinds: I,
  inputs: Inputs<I>,
  detach: <T extends Tensor>(x: T) => T,
): Inputs<I> {
  const entries = Object.entries(inputs as Readonly<Record<string, Tensor | Tensor[] | undefined>>)
  return Object.fromEntries(
    entries.map(([name, x]) => {
      const { target } = kinds[name]!
      return [name, target && x ? (x instanceof tf.Tensor ? detach(x) : x.map(detach)) : x]
    }),
  ) as Inputs<I>
}

const kind = <T>(name: KindName, options: KindOptions): Kind<T, false> => ({
  kind: name,
  ...options,
  isOptional: false,
  optional() {
    return { ...this, isOptional: true } as unknown as Kind<T, true>
  },
})
