import { registerRef } from '@limbeck/backend-ref'
import { type ForwardOptions, Model, Random, type Tap, type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ImageSource, sampleSource } from './image-source.ts'
import { type SegmentOptions, segmentImages } from './segment-images.ts'

const CLASSES = 3

/** Convolution, pooling, convolution, upsampling, convolution: a receptive field of 12 × 12 pixels. */
class Small extends Model {
  readonly taps: readonly Tap[] = [{ name: 'logits', channels: CLASSES, stride: 1 }]
  readonly #filters: readonly Tensor4D[]

  constructor() {
    super()
    const random = new Random(7)
    this.#filters = [
      [1, 4],
      [4, 4],
      [4, CLASSES],
    ].map(([from, to]) =>
      tf.tensor4d(
        Array.from({ length: 9 * from! * to! }, () => random.normal()),
        [3, 3, from!, to!],
      ),
    )
  }

  override forward(x: Tensor4D, _options: ForwardOptions): Readonly<Record<string, Tensor4D>> {
    const [first, second, third] = this.#filters as [Tensor4D, Tensor4D, Tensor4D]
    const fine = tf.relu(tf.conv2d(x, first, 1, 'same')) as Tensor4D
    const coarse = tf.relu(tf.conv2d(tf.maxPool(fine, 2, 2, 'same'), second, 1, 'same')) as Tensor4D
    const [, height, width] = x.shape
    const up = tf.image.resizeNearestNeighbor(coarse, [coarse.shape[1] * 2, coarse.shape[2] * 2])
    const same = tf.slice4d(up, [0, 0, 0, 0], [-1, height, width, -1])
    return { logits: tf.conv2d(tf.add<Tensor4D>(fine, same), third, 1, 'same') }
  }
}

const options = (over: Partial<SegmentOptions>): SegmentOptions => ({
  tile: 64,
  overlap: 16,
  blend: 'cut',
  augment: 'none',
  batchSize: 3,
  ...over,
})

function noise(width: number, height: number, seed = 1): ImageSource {
  const random = new Random(seed)
  const image = Uint8Array.from({ length: width * height }, () => random.integer(256))
  return sampleSource({ id: `${seed}`, width, height, channels: 1, image, labels: new Uint8Array(0) })
}

/** Label maps of images, put together from their bands. */
async function maps(sources: readonly ImageSource[], over: Partial<SegmentOptions>): Promise<Uint8Array[]> {
  const labels = sources.map(({ width, height }) => new Uint8Array(width * height).fill(99))
  const requests = sources.map((source, index) => ({ source, index }))
  for await (const { request, top, labels: band } of segmentImages(model, requests, options(over))) {
    labels[request.index]!.set(band, top * request.source.width)
  }
  return labels
}

const mapOf = async (source: ImageSource, over: Partial<SegmentOptions>): Promise<Uint8Array> =>
  (await maps([source], over))[0]!

const differing = (a: Uint8Array, b: Uint8Array): number =>
  a.filter((label, pixel) => label !== b[pixel]).length

let model: Model
beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
  model = new Small()
})

describe('an image in tiles', () => {
  const image = noise(151, 113)
  const whole = () => mapOf(image, { tile: 512 })

  it.each([
    ['cut', 12],
    ['cut', 32],
    ['linear', 24],
    ['linear', 32],
  ] as const)('has no seams: %s over %i pixels is the map of the whole image', async (blend, overlap) => {
    expect(await mapOf(image, { blend, overlap })).toEqual(await whole())
  })

  it('has seams where tiles share too little', async () => {
    expect(differing(await mapOf(image, { overlap: 0 }), await whole())).toBeGreaterThan(50)
  })

  it('nearly has none where a bell goes to the edge of the tile', async () => {
    const seams = differing(await mapOf(image, { blend: 'gaussian', overlap: 32 }), await whole())
    expect(seams / (151 * 113)).toBeLessThan(0.01)
  })

  it('goes on from any row', async () => {
    const all = await mapOf(image, { blend: 'linear' })
    for (const fromRow of [1, 47, 48, 60, 64, 100, 112]) {
      const rest = new Uint8Array(all.length).fill(99)
      for await (const { top, labels } of segmentImages(
        model,
        [{ source: image, fromRow }],
        options({ blend: 'linear' }),
      )) {
        rest.set(labels, top * image.width)
      }
      expect(rest.subarray(fromRow * image.width)).toEqual(all.subarray(fromRow * image.width))
    }
  })
})

describe('images', () => {
  it('of several sizes are each as they are alone, whatever goes together', async () => {
    const images = [noise(40, 30, 1), noise(40, 30, 2), noise(100, 70, 3), noise(40, 30, 4), noise(3, 130, 5)]
    const alone = await Promise.all(images.map((image) => mapOf(image, { batchSize: 1 })))
    expect(await maps(images, { batchSize: 4 })).toEqual(alone)
  })

  it('leave no tensor behind', async () => {
    const before = tf.memory().numTensors
    await mapOf(noise(100, 70), { augment: 'dihedral' })
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('views', () => {
  const image = noise(24, 18)
  const mirrored: ImageSource = {
    ...image,
    read: async (window) => (await image.read(window)).slice().reverse() as Uint8Array,
  }

  it.each(['flips', 'dihedral'] as const)('%s: a turned image has the turned map', async (augment) => {
    const map = await mapOf(image, { augment })
    expect([...(await mapOf(mirrored, { augment }))]).toEqual([...map].reverse())
    expect(differing(await mapOf(mirrored, { augment: 'none' }), map.slice().reverse())).toBeGreaterThan(0)
  })

  it('dihedral: a transposed image has the transposed map', async () => {
    const pixels = await image.read({ left: 0, top: 0, width: 24, height: 18 })
    const across = Uint8Array.from(
      { length: 24 * 18 },
      (_, at) => pixels[(at % 18) * 24 + Math.floor(at / 18)]!,
    )
    const transposed = sampleSource({
      id: 't',
      width: 18,
      height: 24,
      channels: 1,
      image: across,
      labels: new Uint8Array(0),
    })
    const map = await mapOf(image, { augment: 'dihedral' })
    const turned = await mapOf(transposed, { augment: 'dihedral' })
    expect([...turned]).toEqual([...turned.keys()].map((at) => map[(at % 18) * 24 + Math.floor(at / 18)]))
  })
})
