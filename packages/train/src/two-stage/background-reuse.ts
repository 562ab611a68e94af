import {
  defineModel,
  type ForwardOptions,
  Model,
  type Registry,
  type Tap,
  type Tensor4D,
  tf,
  z,
} from '@limbeck/core'

const part = z.strictObject({ use: z.string(), options: z.record(z.string(), z.unknown()).default({}) })

/** Logit of a background that is taken over, above those of the other classes: e⁻²⁰ is left for each of them. */
const CERTAIN = 20

/**
 * Two-stage background reuse (thesis on class imbalance, §3.4): with the class M(i) that a network of all classes
 * gives pixel i, and what a network of two classes says,
 *
 *     C(i) = background   where the second says background
 *            M(i)         elsewhere, which may be background as well
 *
 * The second one says foreground where its probability, σ(z₁ − z₀) of its two logits, exceeds `threshold`; that is
 * the thesis's sigmoid of one logit. The logits of the whole are those of the first, or certain background. Both
 * parts are trained before, each by itself.
 */
class BackgroundReuse extends Model {
  readonly multi: Model
  readonly binary: Model
  readonly taps: readonly Tap[]
  readonly #margin: number

  constructor(parts: { readonly multi: Model; readonly binary: Model; readonly threshold: number }) {
    super()
    this.multi = parts.multi
    this.binary = parts.binary
    this.taps = parts.multi.taps.filter(({ name }) => name === 'logits')
    this.#margin = Math.log(parts.threshold / (1 - parts.threshold))
  }

  forward(x: Tensor4D, context: ForwardOptions): Readonly<Record<string, Tensor4D>> {
    const logitsOf = (model: Model) => model.forward(x, { ...context, want: ['logits'] }).logits!
    return { logits: reuseBackground(logitsOf(this.multi), logitsOf(this.binary), this.#margin) }
  }
}

/** The logits [B,H,W,C] where z₁ − z₀ of the binary ones [B,H,W,2] exceeds the margin, else certain background. */
export function reuseBackground(multi: Tensor4D, binary: Tensor4D, margin: number): Tensor4D {
  const [background, foreground] = tf.split(binary, 2, 3)
  const certain = tf.oneHot(tf.zeros([1, 1, 1], 'int32'), multi.shape[3], CERTAIN, 0, 'float32')
  return tf.where(tf.greater(tf.sub(foreground!, background!), margin), multi, certain) as Tensor4D
}

/** The model of `twoStage` runs: built of two models of the registry, and saved as one. */
export const backgroundReuse = (registry: () => Registry) =>
  defineModel({
    name: 'background-reuse',
    summary: 'A network of all classes, whose background comes from a second one of two classes.',
    options: {
      multi: part.describe('the network of all classes'),
      binary: part.describe('the network of background and foreground'),
      threshold: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.5)
        .describe('probability above which a pixel is foreground'),
    },
    build({ options: { multi, binary, threshold }, inChannels, classes, random }) {
      const build = ({ use, options }: z.output<typeof part>, count: number, name: string) =>
        registry().get(
          'models',
          use,
          `background-reuse.${name}`,
        )({
          ...options,
          classes: count,
          inChannels,
          random: random.fork(name),
        })
      return new BackgroundReuse({
        multi: build(multi, classes, 'multi'),
        binary: build(binary, 2, 'binary'),
        threshold,
      })
    },
  })
