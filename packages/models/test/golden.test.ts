import { readFileSync } from 'node:fs'
import { registerRef } from '@limbeck/backend-ref'
import { type Forward, loadState, type Model, type Scalar, tf, valueAndGradients } from '@limbeck/core'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  attentionUnet,
  deeplabV3,
  deeplabV3Plus,
  mtnet,
  parallelUnet,
  separableUnet,
  unet,
  unet3Plus,
  unetPlusPlus,
} from '../src/index.ts'
import { type Digest, difference, initial, map, ofMap, ofParameter } from './golden-digest.ts'

interface Golden {
  readonly size: readonly [height: number, width: number]
  /** By tap. */
  readonly eval: Readonly<Record<string, Digest>>
  readonly train: Readonly<Record<string, Digest>>
  /** Of Σ map · probe over all taps, in mode `train`, by parameter. */
  readonly gradients: Readonly<Record<string, Digest>>
  /** After the step, by buffer. */
  readonly statistics: Readonly<Record<string, Digest>>
}

/** Of every number compared; float64 on both sides. */
const TOLERANCE = 1e-7
/** Of the largest gradient: what is smaller may differ by rounding. */
const NEGLIGIBLE = 1e-6

const classes = 3
const small = { classes, width: 4, headWidth: 8, lowWidth: 6 }

const cases: Readonly<Record<string, () => Model>> = {
  unet: () => unet({ classes, width: 4, depth: 2 }),
  'unet-transposed-group': () =>
    unet({ classes, width: 8, depth: 2, upsampling: 'transposed', norm: 'group' }),
  'unet-transposed-4': () => unet({ classes, width: 4, depth: 2, upsampling: 'transposed-4' }),
  'unet-resnet-18-smp': () =>
    unet({ classes, encoder: 'resnet-18', width: 8, upsampling: 'nearest', classifierSize: 3 }),
  'attention-unet-lite': () => attentionUnet({ classes, width: 4, depth: 2 }),
  'attention-unet-grid': () =>
    attentionUnet({ classes, width: 4, depth: 2, gate: 'grid', upsampling: 'bilinear' }),
  'unet-plus-plus': () => unetPlusPlus({ classes, width: 4, depth: 3 }),
  'unet-3-plus': () =>
    unet3Plus({ classes, width: 4, depth: 3, deepSupervision: true, classificationGuided: true }),
  'separable-unet': () => separableUnet({ classes, size: 'tiny' }),
  'deeplab-v3-resnet-50-os8': () => deeplabV3({ classes, width: 4, headWidth: 8, outputStride: 8 }),
  'deeplab-v3-plus-resnet-18-os16': () => deeplabV3Plus({ ...small, encoder: 'resnet-18' }),
  'deeplab-v3-plus-xception-os16': () => deeplabV3Plus({ ...small, width: 2, encoder: 'xception' }),
  'deeplab-v3-plus-mobilenet-v2-os8': () =>
    deeplabV3Plus({ ...small, encoder: 'mobilenet-v2', outputStride: 8 }),
  'parallel-unet': () => parallelUnet({ classes, encoder: 'resnet-18', width: 4 }),
  mtnet: () => mtnet({ classes, encoder: 'resnet-18', width: 4, headWidth: 64 }),
}

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe.each(Object.entries(cases))('%s computes what its PyTorch twin does', (name, build) => {
  const golden: Golden = JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'))
  const [height, width] = golden.size

  function load(): Model {
    const model = build()
    const stored = Object.entries({ ...golden.gradients, ...golden.statistics })
    // strict: also proves that names and shapes are those of the state dict
    loadState(model, new Map(stored.map(([name, { shape }]) => [name, initial(name, shape)])))
    return model
  }

  test('in mode eval', () => {
    const model = load()
    const image = map('image', [2, height, width, 3])
    const maps = model.forward(image, { want: Object.keys(golden.eval), mode: 'eval' })
    for (const [tap, expected] of Object.entries(golden.eval)) {
      expect(difference(ofMap(maps[tap]!, tap, expected), expected), tap).toBeLessThan(TOLERANCE)
    }
    model.dispose()
  })

  test('in mode train, with gradients and running statistics', () => {
    const model = load()
    const image = map('image', [2, height, width, 3])
    const taps = Object.entries(golden.train)
    const parameters = [...model.parameters()]
    const { value, gradients } = valueAndGradients(
      (): Forward => {
        const maps = model.forward(image, { want: taps.map(([tap]) => tap), mode: 'train' })
        const sums = taps.map(([tap]) => tf.sum(tf.mul(maps[tap]!, map(`${tap}/gradient`, maps[tap]!.shape))))
        return { ...maps, loss: tf.addN(sums) as Scalar }
      },
      parameters.map(([, { tensor }]) => tensor),
    )
    for (const [tap, expected] of taps) {
      expect(difference(ofMap(value[tap]!, tap, expected), expected), tap).toBeLessThan(TOLERANCE)
    }
    const largest = Math.max(...Object.values(golden.gradients).map(({ norm }) => norm))
    parameters.forEach(([parameter, owner], i) => {
      const expected = golden.gradients[parameter]!
      const actual = ofParameter(gradients[i]!, owner, parameter, expected)
      const off = difference(actual, expected, NEGLIGIBLE * largest)
      expect(off, `gradient of ${parameter}`).toBeLessThan(TOLERANCE)
    })
    for (const [buffer, owner] of model.buffers()) {
      const expected = golden.statistics[buffer]!
      const actual = ofParameter(owner.tensor, owner, buffer, expected)
      expect(difference(actual, expected), `statistic ${buffer}`).toBeLessThan(TOLERANCE)
    }
    model.dispose()
  })
})
