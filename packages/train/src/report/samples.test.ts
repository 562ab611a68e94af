import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerRef } from '@limbeck/backend-ref'
import { type ForwardOptions, Model, type Split, type Tap, type Tensor4D, tf } from '@limbeck/core'
import sharp from 'sharp'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { inferenceSchema } from '../inference/inference-schema.ts'
import { planTasks } from '../protocols/tasks.ts'
import { RunDirectory } from '../run/run-directory.ts'
import type { SampleSheet } from './samples.ts'
import { writeSamples } from './samples.ts'

const CLASSES = [
  { id: 0, name: 'background', color: [0, 0, 0] },
  { id: 1, name: 'cell', color: [200, 10, 20] },
] as const

/** Calls bright pixels `cell`. */
class Threshold extends Model {
  readonly taps: readonly Tap[] = [{ name: 'logits', channels: 2, stride: 1 }]

  override forward(x: Tensor4D, _options: ForwardOptions): Readonly<Record<string, Tensor4D>> {
    return { logits: tf.concat([tf.sub(0.5, x), tf.sub(x, 0.5)], 3) as Tensor4D }
  }
}

const BLACK = [0, 0, 0, 0, 0, 0]
const images = [
  { id: 'plain', image: BLACK, labels: [0, 0, 0, 0, 0, 0] },
  { id: 'a/b', image: [255, 255, 0, 0, 0, 0], labels: [1, 0, 0, 0, 255, 0] },
  { id: 'later', image: [255, 0, 0, 0, 0, 0], labels: [1, 0, 0, 0, 0, 0] },
]
const split: Split = {
  name: 'validation',
  ids: images.map(({ id }) => id),
  read: async (index) => {
    const { id, image, labels } = images[index]!
    return {
      id,
      width: 3,
      height: 2,
      channels: 1,
      image: Uint8Array.from(image),
      labels: Uint8Array.from(labels),
    }
  },
}

const inference = { ...inferenceSchema.parse({}), batchSize: 1 }

let directory: string
beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'limbeck-samples-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('writes the images with most classes first, each as image, truth and prediction, and what they show', async () => {
  const before = tf.memory().numTensors
  const [task] = planTasks('all', CLASSES)
  const run = new RunDirectory(directory)
  await writeSamples({
    run,
    task: task!,
    model: new Threshold(),
    split,
    classes: CLASSES,
    count: 2,
    inference,
  })
  expect(tf.memory().numTensors).toBe(before)

  const sheet = JSON.parse(await readFile(run.file('samples', 'task-0.json'), 'utf8')) as SampleSheet
  expect(sheet.pictures).toEqual([
    { id: 'a/b', file: 'task-0-a%2Fb.png', width: 3, height: 2, iou: { background: 0.75, cell: 0.5 } },
    { id: 'later', file: 'task-0-later.png', width: 3, height: 2, iou: { background: 1, cell: 1 } },
  ])

  const { data, info } = await sharp(run.file('samples', 'task-0-a%2Fb.png'))
    .raw()
    .toBuffer({ resolveWithObject: true })
  const pixel = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 3),
  ]
  expect([info.width, info.height, info.channels]).toEqual([13, 2, 4])
  expect([pixel(0, 0), pixel(2, 0)]).toEqual([
    [255, 255, 255],
    [0, 0, 0],
  ])
  expect([pixel(5, 0), pixel(6, 0)]).toEqual([
    [200, 10, 20],
    [0, 0, 0],
  ])
  expect([pixel(10, 0), pixel(11, 0)]).toEqual([
    [200, 10, 20],
    [200, 10, 20],
  ])
  // The ignored pixel is grey in truth and prediction.
  expect([pixel(6, 1), pixel(11, 1)]).toEqual([
    [128, 128, 128],
    [128, 128, 128],
  ])
})
