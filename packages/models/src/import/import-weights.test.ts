import { registerRef } from '@limbeck/backend-ref'
import { type Model, Random, readState, type StoredTensor, tf } from '@limbeck/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { deeplabV3, deeplabV3Plus, mtnet, unet } from '../index.ts'
import { checkpointFormats } from './checkpoint-formats.ts'
import { exportNames, importWeights } from './import-weights.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const classes = 3
const random = (seed: string) => ({ classes, random: new Random(seed) })
const small = { encoder: 'resnet-18', width: 2 } as const

const counter: StoredTensor = { shape: [], data: Int32Array.of(7) }

/** A checkpoint as PyTorch would save it: other names, and a counter beside every running mean. */
function saved(state: ReadonlyMap<string, StoredTensor>, rename = (name: string) => name) {
  const entries = [...state].flatMap(([name, tensor]): [string, StoredTensor][] => {
    const mean = '.running_mean'
    const counters = name.endsWith(mean) ? [`${name.slice(0, -mean.length)}.num_batches_tracked`] : []
    return [[rename(name), tensor], ...counters.map((one): [string, StoredTensor] => [rename(one), counter])]
  })
  return new Map(entries)
}

/** What a classification network would have: the encoder's weights under bare names, and a classifier. */
async function classifier(model: Model, prefix: string, head: string) {
  const state = await readState(model)
  const own = [...state].filter(([name]) => name.startsWith(prefix))
  const bare = new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
  return saved(bare.set(`${head}.weight`, { shape: [10, 4], data: new Float32Array(40) }))
}

test('smp.Unet and our own names are the same; counters are left out', async () => {
  const [from, to] = [unet({ ...small, ...random('a') }), unet({ ...small, ...random('b') })]
  const report = importWeights(to, saved(await readState(from)))
  expect(report.format).toBe('limbeck')
  expect(report.missing).toEqual([])
  expect(report.ignored.length).toBeGreaterThan(10)
  expect(report.ignored.every((name) => name.endsWith('.num_batches_tracked'))).toBe(true)
  expect(await readState(to)).toEqual(await readState(from))
})

test.each(['module.', 'module.model.'])('%s before every name is taken away', async (wrapper) => {
  const [from, to] = [unet({ ...small, ...random('a') }), unet({ ...small, ...random('b') })]
  importWeights(
    to,
    saved(await readState(from), (name) => wrapper + name),
  )
  expect(await readState(to)).toEqual(await readState(from))
})

describe('a classification network fills the encoder and nothing else', () => {
  const networks: readonly (readonly [string, string, string, string, (seed: string) => Model])[] = [
    ['ResNet', 'encoder.', 'fc', 'U-Net', (seed) => unet({ ...small, ...random(seed) })],
    ['ResNet', 'encoder.', 'fc', 'MTNet', (seed) => mtnet({ ...small, headWidth: 64, ...random(seed) })],
    [
      'ResNet',
      'backbone.',
      'fc',
      'DeepLabv3',
      (seed) => deeplabV3({ ...small, headWidth: 4, ...random(seed) }),
    ],
    [
      'MobileNetV2',
      'backbone.',
      'classifier.1',
      'DeepLabv3+',
      (seed) => deeplabV3Plus({ encoder: 'mobilenet-v2', width: 4, headWidth: 4, ...random(seed) }),
    ],
    [
      'Xception',
      'encoder.',
      'last_linear',
      'U-Net',
      (seed) => unet({ encoder: 'xception', width: 1, ...random(seed) }),
    ],
  ]
  test.each(networks)('%s (%s, %s) → %s', async (_, prefix, head, _to, build) => {
    const [from, to] = [build('a'), build('b')]
    const [theirs, before] = [await readState(from), await readState(to)]
    const report = importWeights(to, await classifier(from, prefix, head))
    expect(report.part).toBe('encoder')
    expect(report.ignored).toContain(`${head}.weight`)
    for (const [name, tensor] of await readState(to)) {
      expect(tensor, name).toEqual((name.startsWith(prefix) ? theirs : before).get(name))
    }
  })
})

test('the encoder alone is taken from a whole network of other classes', async () => {
  const from = unet({ ...small, classes: 7, random: new Random('a') })
  const to = unet({ ...small, ...random('b') })
  const before = await readState(to)
  importWeights(to, await readState(from), { part: 'encoder' })
  const after = await readState(to)
  expect(after.get('encoder.conv1.weight')).toEqual((await readState(from)).get('encoder.conv1.weight'))
  expect(after.get('decoder.blocks.0.conv1.0.weight')).toEqual(before.get('decoder.blocks.0.conv1.0.weight'))
})

test('DeepLabv3 of segmentation-models-pytorch and back', async () => {
  const size = { ...small, headWidth: 4 }
  const [from, to] = [deeplabV3({ ...size, ...random('a') }), deeplabV3({ ...size, ...random('b') })]
  const theirs = exportNames(await readState(from), { format: 'smp-deeplab-v3' })
  expect([...theirs.keys()]).toEqual(
    expect.arrayContaining([
      'encoder.layer1.0.conv1.weight',
      'decoder.0.convs.0.0.weight',
      'decoder.0.project.0.weight',
      'decoder.1.weight',
      'decoder.2.running_var',
      'segmentation_head.0.bias',
    ]),
  )
  const report = importWeights(to, saved(theirs))
  expect(report.format).toBe('smp-deeplab-v3')
  expect(await readState(to)).toEqual(await readState(from))
})

test('an auxiliary classifier of torchvision is ignored, whatever else is unknown is not', async () => {
  const model = deeplabV3({ ...small, headWidth: 4, ...random('a') })
  const state = await readState(model)
  const extra: StoredTensor = { shape: [1], data: Float32Array.of(0) }
  const report = importWeights(model, new Map(state).set('aux_classifier.0.weight', extra))
  expect(report.ignored).toEqual(['aux_classifier.0.weight'])
  expect(() => importWeights(model, new Map(state).set('classifier.9.weight', extra))).toThrow(
    /unexpected {2}classifier\.9\.weight/,
  )
})

test('lists at once what is missing and of another shape, and changes nothing', async () => {
  const from = await readState(unet({ ...small, classes: 21, random: new Random('a') }))
  from.delete('encoder.bn1.bias')
  const to = unet({ ...small, ...random('b') })
  const before = await readState(to)
  const load = () => importWeights(to, from, { from: 'cityscapes.safetensors' })
  expect(load).toThrow(/cityscapes\.safetensors: the weights do not fit the model/)
  expect(load).toThrow(/missing +encoder\.bn1\.bias/)
  expect(load).toThrow(/segmentation_head\.0\.bias: expected \[3\], received \[21\]/)
  expect(await readState(to)).toEqual(before)
})

test('a file of another network, an unknown format, a format that cannot be written', async () => {
  const model = unet({ ...small, ...random('a') })
  const tensors = new Map([['blocks.0.attn.qkv.weight', counter]])
  expect(() => importWeights(model, tensors)).toThrow(/no name in the file is one of the model's/)
  expect(() => importWeights(model, tensors, { format: 'smp-deeplab' })).toThrow(
    /did you mean "smp-deeplab-v3"/,
  )
  expect(() => exportNames(tensors, { format: 'torchvision-classifier' })).toThrow(/classification/)
})

test('renames can be undone: no two of a format begin alike', () => {
  for (const { renames } of checkpointFormats) {
    for (const side of [0, 1] as const) {
      const starts = renames.map((pair) => pair[side])
      for (const start of starts) {
        expect(starts.filter((other) => other.startsWith(start))).toEqual([start])
      }
    }
  }
})
