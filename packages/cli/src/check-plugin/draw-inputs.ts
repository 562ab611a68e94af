import { IGNORE_LABEL, type Kind, type Kinds, Random } from '@limbeck/core'
import type { GradcheckInput } from '@limbeck/testing'

/** Values for an input of a loss: several for a list. */
export type Drawn = readonly GradcheckInput[]

const [BATCH, HEIGHT, WIDTH] = [2, 8, 8]
const CHANNELS = 4
/** Maps that must agree with another in their pixels alone have fewer channels, as an older model has. */
const FEWER_CHANNELS = 3
const LIST_LENGTH = 2
const IGNORED_SHARE = 0.1

/** Small random tensors for each input of a loss, by its kind; the same seed gives the same values. */
export function drawInputs(kinds: Kinds, seed: number): Map<string, Drawn> {
  const random = new Random(seed).fork('check-plugin')
  return new Map(
    Object.entries(kinds).map(([name, kind]) => {
      const element = kind.element ?? kind
      const count = kind.kind === 'list' ? LIST_LENGTH : 1
      const own = random.fork(name)
      return [name, Array.from({ length: count }, (_, index) => draw(element, own.fork(index)))]
    }),
  )
}

function draw({ kind, over }: Kind, random: Random): GradcheckInput {
  const pixels = BATCH * HEIGHT * WIDTH
  // rounded to float32, so that every backend stores the same values
  const fill = (size: number, value: () => number) => Float32Array.from({ length: size }, value)
  switch (kind) {
    case 'map':
    case 'logits': {
      const channels = over === undefined ? CHANNELS : FEWER_CHANNELS
      const values = fill(pixels * channels, () => random.normal())
      return { shape: [BATCH, HEIGHT, WIDTH, channels], values }
    }
    case 'labels': {
      const label = () => (random.chance(IGNORED_SHARE) ? IGNORE_LABEL : random.integer(CHANNELS))
      return {
        shape: [BATCH, HEIGHT, WIDTH],
        values: Int32Array.from({ length: pixels }, label),
        dtype: 'int32',
      }
    }
    case 'pixels':
      return { shape: [BATCH, HEIGHT, WIDTH], values: fill(pixels, () => random.uniform()) }
    case 'scalar':
      return { shape: [], values: fill(1, () => random.uniform(0.5, 1)) }
    case 'list':
      throw new Error('a list of lists has no meaning')
  }
}
