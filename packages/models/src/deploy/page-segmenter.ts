import {
  loadState,
  type Model,
  type ModelFactory,
  parseSafetensors,
  Random,
  type Tensor4D,
  tf,
} from '@limbeck/core'

/** What a network needs besides its weights to be used on pictures. */
export interface SegmenterDescription {
  readonly options: Readonly<Record<string, unknown>>
  /** 1 (grey) or 3 (red, green, blue). */
  readonly inChannels: number
  /** In the order of the ids, background first. */
  readonly classes: readonly { readonly name: string; readonly color: readonly number[] }[]
  /** What the network sees of a value in 0..1: `scale · value + offset`. */
  readonly input: { readonly scale: number; readonly offset: number }
}

/** A picture as a page has it, the `ImageData` of a canvas: four bytes a pixel (red, green, blue, opacity). */
export interface RgbaImage {
  readonly width: number
  readonly height: number
  readonly data: ArrayLike<number>
}

export interface Segmentation {
  readonly width: number
  readonly height: number
  /** One class id a pixel, row by row. */
  readonly classIds: Uint8Array
}

/** How much each of red, green and blue counts in grey (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const
const LARGEST_BYTE = 255

/** A trained network for pictures of any size, on whichever tfjs backend is active. */
export class PageSegmenter {
  readonly classes: SegmenterDescription['classes']
  readonly #model: Model
  readonly #inChannels: number
  readonly #input: SegmenterDescription['input']

  /** `weights` is a safetensors file. Throws `FormatError` when they are not the network's. */
  constructor(
    factory: ModelFactory,
    { options, inChannels, classes, input }: SegmenterDescription,
    weights: Uint8Array,
  ) {
    this.#model = factory({ ...options, classes: classes.length, inChannels, random: new Random(0) })
    loadState(this.#model, parseSafetensors(weights).tensors, { from: 'weights' })
    this.classes = classes
    this.#inChannels = inChannels
    this.#input = input
  }

  /** The most probable class of every pixel. */
  async segment(image: RgbaImage): Promise<Segmentation> {
    const ids = tf.tidy(() => tf.argMax(this.#logits(image), 3))
    const classIds = Uint8Array.from(await ids.data())
    ids.dispose()
    return { width: image.width, height: image.height, classIds }
  }

  /** The probability of every class at every pixel: row by row, classes side by side. */
  async probabilities(image: RgbaImage): Promise<Float32Array> {
    const softmax = tf.tidy(() => tf.softmax(this.#logits(image)))
    const values = Float32Array.from(await softmax.data())
    softmax.dispose()
    return values
  }

  dispose(): void {
    this.#model.dispose()
  }

  #logits({ data, width, height }: RgbaImage): Tensor4D {
    const x = tf.tensor4d(this.#values(data, width * height), [1, height, width, this.#inChannels])
    return this.#model.forward(x, { want: ['logits'], mode: 'eval' }).logits!
  }

  #values(rgba: ArrayLike<number>, pixels: number): Float32Array {
    const { scale, offset } = this.#input
    const seen = (byte: number) => (byte / LARGEST_BYTE) * scale + offset
    const channels = this.#inChannels
    const values = new Float32Array(pixels * channels)
    for (let pixel = 0; pixel < pixels; pixel++) {
      const rgb = [rgba[4 * pixel]!, rgba[4 * pixel + 1]!, rgba[4 * pixel + 2]!]
      if (channels === 1) values[pixel] = seen(LUMA.reduce((sum, share, i) => sum + share * rgb[i]!, 0))
      else
        for (let channel = 0; channel < channels; channel++)
          values[pixel * channels + channel] = seen(rgb[channel]!)
    }
    return values
  }
}
