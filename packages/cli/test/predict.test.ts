import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerRef } from '@limbeck/backend-ref'
import { type ForwardOptions, Model, Random, type Tap, type Tensor4D, tf } from '@limbeck/core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PredictImageOptions, predictImage } from '../src/predict/predict-image.ts'
import { type ImageProgress, PredictionProgress } from '../src/predict/prediction-progress.ts'

/** Calls bright pixels `cell`. */
class Threshold extends Model {
  readonly taps: readonly Tap[] = [{ name: 'logits', channels: 2, stride: 1 }]

  override forward(x: Tensor4D, _options: ForwardOptions): Readonly<Record<string, Tensor4D>> {
    return { logits: tf.concat([tf.neg(x), x], 3) as Tensor4D }
  }
}

const SIZE = { width: 300, height: 1200 }
/** Of the mask's tiles, which are not far larger than the image is wide. */
const TILE_ROWS = 304
const CLASSES = [
  { name: 'background', color: [0, 0, 0] },
  { name: 'cell', color: [200, 10, 20] },
] as const

let home: string
let image: string
beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
  home = await mkdtemp(join(tmpdir(), 'limbeck-predict-'))
  image = join(home, 'noise.png')
  const random = new Random(1)
  const pixels = Uint8Array.from({ length: SIZE.width * SIZE.height }, () => random.integer(256))
  await sharp(pixels, { raw: { ...SIZE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(image)
})
afterAll(() => rm(home, { recursive: true }))

const options = (over: Partial<PredictImageOptions>): PredictImageOptions => ({
  image,
  out: home,
  name: 'noise',
  model: new Threshold(),
  description: {
    model: { use: 'threshold', options: {} },
    inChannels: 1,
    classes: CLASSES.map(({ name, color: [...color] }) => ({ name, color })),
  },
  inference: { tile: 256, overlap: 32, blend: 'linear', augment: 'none', batchSize: 2 },
  tiff: true,
  begun: undefined,
  save: async () => {},
  show: () => {},
  ...over,
})

const pixelsOf = (file: string) => sharp(join(home, file)).toColourspace('b-w').raw().toBuffer()

describe('an image in pieces', () => {
  it('has the mask and the class shares of the image as a whole', async () => {
    const small = await predictImage(options({ tiff: false }))
    const large = await predictImage(options({ name: 'pieces' }))
    expect(large).toEqual(small)
    expect(Buffer.compare(await pixelsOf('pieces.mask.tif'), await pixelsOf('noise.mask.png'))).toBe(0)
    expect(await pixelsOf('pieces.overlay.png')).toEqual(await pixelsOf('noise.overlay.png'))
  })

  it('goes on where it was killed, to the same file byte for byte', async () => {
    let saved: ImageProgress | undefined
    const killed = predictImage(
      options({
        name: 'killed',
        async save(progress) {
          saved = JSON.parse(JSON.stringify(progress))
          throw new Error('power cut')
        },
      }),
    )
    await expect(killed).rejects.toThrow('power cut')
    expect(saved).toMatchObject({ mask: { rows: TILE_ROWS } })

    const rows: number[] = []
    await predictImage(options({ name: 'killed', begun: saved, show: (row) => rows.push(row) }))
    expect(Math.min(...rows)).toBeGreaterThan(TILE_ROWS)
    const whole = await readFile(join(home, 'pieces.mask.tif'))
    expect(Buffer.compare(await readFile(join(home, 'killed.mask.tif')), whole)).toBe(0)
  })
})

describe('progress of predictions', () => {
  it('is known again with the same model and settings only, and ends with the run', async () => {
    const { inference } = options({})
    const open = (over: object) =>
      PredictionProgress.open(home, { model: image, inference, resume: true, ...over })
    const first = await open({})
    expect(await first.of(image)).toBeUndefined()
    await first.save(image, { shares: [0.5, 0.5] })
    expect(await (await open({})).of(image)).toEqual({ shares: [0.5, 0.5] })
    expect(await (await open({ resume: false })).of(image)).toBeUndefined()
    await expect(open({ inference: { ...inference, tile: 512 } })).rejects.toThrow('other settings')
    await first.remove()
    expect(await readdir(home)).not.toContain('progress.json')
  })
})
