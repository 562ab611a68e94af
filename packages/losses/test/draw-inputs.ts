import { IGNORE_LABEL, type Kind, type Kinds, type Loss, Random, type Tensor, tf } from '@limbeck/core'

/** The size of a loss's inputs; a name without channels of its own has those of `map`. */
export interface Sizes {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly map: number
  readonly channels?: Readonly<Record<string, number>>
  /** How many tensors a list holds. */
  readonly count?: number
  /** Classes that labels are drawn from; as many as `map` when left out. */
  readonly classes?: number
}

export interface Drawn {
  readonly kind: Kind
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

export interface DrawOptions {
  readonly seed?: number
  /** Scores and features are normal numbers times this. */
  readonly scale?: number
  readonly ignored?: 'some' | 'all'
}

/** Values for each input of a loss, drawn by kind; lists as several entries `name/0`, `name/1`, …. */
export function drawInputs(loss: Loss, sizes: Sizes, options: DrawOptions = {}): Map<string, Drawn> {
  const random = new Random(options.seed ?? 1).fork(loss.spec.name)
  const drawn = new Map<string, Drawn>()
  for (const [name, kind] of Object.entries(loss.spec.inputs as Kinds)) {
    if (kind.kind !== 'list') drawn.set(name, draw(name, kind, { sizes, random, ...options }))
    else {
      for (let i = 0; i < (sizes.count ?? 3); i++) {
        drawn.set(`${name}/${i}`, draw(name, kind.element!, { sizes, random, ...options }))
      }
    }
  }
  return drawn
}

/** The inputs as a loss takes them, with lists put together. */
export function asInputs(tensors: ReadonlyMap<string, Tensor>): Record<string, Tensor | Tensor[]> {
  const inputs: Record<string, Tensor | Tensor[]> = {}
  for (const [key, tensor] of tensors) {
    const [name, index] = key.split('/') as [string, string?]
    if (index === undefined) inputs[name] = tensor
    else inputs[name] = [...((inputs[name] as Tensor[] | undefined) ?? []), tensor]
  }
  return inputs
}

/** Whether gradient reaches the input. */
export const isDifferentiable = ({ kind }: Drawn): boolean =>
  !kind.target && (kind.kind === 'map' || kind.kind === 'logits')

export const toTensor = ({ kind, shape, values }: Drawn): Tensor =>
  tf.tensor([...values], [...shape], kind.kind === 'labels' ? 'int32' : 'float32')

interface Drawing extends DrawOptions {
  readonly sizes: Sizes
  readonly random: Random
}

function draw(name: string, kind: Kind, { sizes, random, scale = 1, ignored = 'some' }: Drawing): Drawn {
  const { batch, height, width, map, channels, classes = map } = sizes
  const pixels = [batch, height, width]
  const fill = (size: number, next: () => number) => Array.from({ length: size }, next)
  const count = batch * height * width
  if (kind.kind === 'labels') {
    const label = () => (ignored === 'all' || random.chance(0.2) ? IGNORE_LABEL : random.integer(classes))
    return { kind, shape: pixels, values: fill(count, label) }
  }
  if (kind.kind === 'pixels') return { kind, shape: pixels, values: fill(count, () => random.uniform(0, 2)) }
  const depth = channels?.[name] ?? map
  return { kind, shape: [...pixels, depth], values: fill(count * depth, () => scale * random.normal()) }
}
