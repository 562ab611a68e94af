import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseConfig, readRun, run } from '@limbeck/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ORGANS = ['red', 'green', 'blue'] as const

let runs: string
beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'limbeck-teachers-'))
})
afterAll(() => rm(runs, { recursive: true }))

const start = async (name: string, over: object) =>
  run(
    await parseConfig({
      file: 'test.yaml',
      directory: fileURLToPath(new URL('.', import.meta.url)),
      value: {
        name,
        plugins: ['./squares.ts'],
        student: { use: 'unet', options: { width: 2, depth: 1 } },
        batch: { size: 3 },
        epochs: 1,
        stepsPerEpoch: 2,
        logEvery: 1,
        samples: 1,
        ...over,
      },
    }),
    { runs, backend: 'ref' },
  )

const squares = { use: 'squares', options: { count: 6 } }
const setOf = (organ: string) => ({ use: 'single-organ', options: { of: squares, organ, by: 'image' } })
const checkpoint = (name: string) => join(runs, name, 'checkpoints', 'task-0', 'last.safetensors')

describe('several teachers of one organ each', () => {
  beforeAll(async () => {
    for (const organ of ORGANS) await start(organ, { data: setOf(organ), method: { use: 'supervised' } })
  })

  it('know background and their own organ', async () => {
    const classes = await Promise.all(
      ORGANS.map(async (organ) => (await readRun(join(runs, organ))).tasks[0]!.classes),
    )
    expect(classes).toEqual(ORGANS.map((organ) => ['background', organ]))
  })

  const student = (name: string, unknown: string, over: object = {}) =>
    start(name, {
      data: {
        use: 'joined',
        options: {
          sets: { whole: squares, ...Object.fromEntries(ORGANS.map((organ) => [organ, setOf(organ)])) },
          splits: { train: ORGANS.map((organ) => `${organ}/train`), validation: ['whole/validation'] },
          unknown,
        },
      },
      teachers: Object.fromEntries(ORGANS.map((organ) => [organ, checkpoint(organ)])),
      method: { use: 'ms-kd' },
      batch: { size: 3, sets: 'mixed' },
      ...over,
    })

  it('teach a student of all organs, which is measured on all of them and reads no labels in training', async () => {
    const { result } = await student('ignored', 'ignore')
    expect(result.tasks[0]!.classes).toEqual(['background', ...ORGANS])
    await student('background', 'background')
    expect(await readFile(checkpoint('background'))).toEqual(await readFile(checkpoint('ignored')))
  })

  it('may be helped by the labels that there are', async () => {
    await student('labels', 'ignore', { method: { use: 'ms-kd', options: { labelWeight: 1 } } })
    expect(await readFile(checkpoint('labels'))).not.toEqual(await readFile(checkpoint('ignored')))
  })
})
