import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RefBackend } from '@limbeck/backend-ref'
import { type Callback, StopTraining, selectBackend, tf } from '@limbeck/core'
import { openExperiment, parseConfig, type RunOptions, run, train } from '@limbeck/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let runs: string
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'limbeck-runs-'))
})
afterEach(() => rm(runs, { recursive: true }))

const raw = (over: object = {}) => ({
  file: 'test.yaml',
  directory: fileURLToPath(new URL('.', import.meta.url)),
  value: {
    name: 'squares',
    plugins: ['./squares.ts'],
    data: { use: 'squares' },
    student: { use: 'unet', options: { width: 4, depth: 2 } },
    method: { use: 'fine-tune' },
    protocol: { tasks: '2-1' },
    batch: { size: 4 },
    epochs: [4, 2],
    stepsPerEpoch: 3,
    optimizer: { learningRate: 0.02 },
    logEvery: 4,
    ...over,
  },
})
const start = async (over: object = {}, options: RunOptions = {}) =>
  run(await parseConfig(raw(over)), { runs, backend: 'ref', ...options })
const weights = (task: number) =>
  readFile(join(runs, 'squares', 'checkpoints', `task-${task}`, 'last.safetensors'))

describe('run', () => {
  it('trains task after task, and writes what it found', async () => {
    const { result } = await start({ epochs: [10, 1] })
    expect(result.tasks.map(({ classes }) => classes.length)).toEqual([3, 4])
    expect(JSON.parse(await readFile(join(runs, 'squares', 'result.json'), 'utf8'))).toEqual(result)
    expect(result.tasks[0]!.metrics.withoutBackground.miou.all).toBeGreaterThan(0.35)
    expect(result.backend).toBe('ref')
  })

  it('measures with the metrics of plugins too', async () => {
    const { result } = await start({ epochs: 1, stepsPerEpoch: 1, metrics: [{ use: 'accuracy' }] })
    const { confusion, more } = result.tasks[0]!.metrics
    const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0)
    expect(more).toEqual({ accuracy: right / confusion.flat().reduce((sum, count) => sum + count, 0) })
  })

  it('measures all that is asked for at the end of a task, and its score alone before', async () => {
    const config = {
      epochs: [3, 2],
      stepsPerEpoch: 1,
      metrics: [{ use: 'accuracy' }],
      confidence: { resamples: 5 },
    }
    await selectBackend({ argument: 'ref' })
    const { experiment, close } = await openExperiment(await parseConfig(raw(config)))
    const measured: string[] = []
    const tasks = experiment.tasks.map((plan) => ({
      ...plan,
      evaluate: async (...asked: Parameters<typeof plan.evaluate>) => {
        const metrics = await plan.evaluate(...asked)
        measured.push([...(metrics.more ? ['more'] : []), ...(metrics.intervals ? ['bounds'] : [])].join(' '))
        return metrics
      },
    }))
    const { student, tasks: results } = await train({ ...experiment, tasks })
    expect(measured).toEqual(['', '', 'more bounds', '', 'more bounds'])
    for (const { metrics } of results) expect(metrics.more).toHaveProperty('accuracy')
    student.dispose()
    await close()
  })

  it('refuses a teacher that knows the same classes in another order', async () => {
    await start({ epochs: 1, stepsPerEpoch: 1, protocol: { tasks: 'all' } })
    const teacher = join(runs, 'squares', 'checkpoints', 'task-0', 'last.safetensors')
    const order = ['blue', 'red', 'green']
    await expect(start({ name: 'student', teacher, protocol: { tasks: 'all', order } })).rejects.toThrow(
      'teacher: the checkpoint knows other classes than the first task',
    )
  })

  it('says so when it goes on on another backend', async () => {
    const short = { epochs: 1, stepsPerEpoch: 1, protocol: { tasks: 'all' }, samples: 0 }
    await start(short)
    await rm(join(runs, 'squares', 'result.json'))
    const warnings: string[] = []
    const hear = ({ name, message }: Error) => void (name === 'RunWarning' && warnings.push(message))
    process.on('warning', hear)
    await start(short, { resume: true, backend: 'ref64' })
    await new Promise((resolve) => setImmediate(resolve))
    process.removeListener('warning', hear)
    expect(warnings).toEqual([expect.stringContaining('began on ref and goes on on ref64')])
  })

  it('is the same twice', async () => {
    const first = await start()
    const bytes = await weights(1)
    const second = await start({}, { replace: true })
    expect(second.result.tasks).toEqual(first.result.tasks)
    expect(await weights(1)).toEqual(bytes)
  })

  it('is the same when other threads read its images', async () => {
    const batch = { size: 4, crop: 12, augment: { stain: 0.1, zoom: 0.2, angle: 20, noise: 0.02 } }
    const short = { epochs: 1, stepsPerEpoch: 2, protocol: { tasks: 'all' }, samples: 0 }
    const last = () => readFile(join(runs, 'squares', 'checkpoints', 'task-0', 'last.safetensors'))
    const here = await start({ ...short, batch })
    const bytes = await last()
    const threads = await start({ ...short, batch: { ...batch, workers: 1 } }, { replace: true })
    expect(threads.result.tasks).toEqual(here.result.tasks)
    expect(await last()).toEqual(bytes)
  })

  it('refuses batches of labelled and unlabelled images where all have labels', async () => {
    await expect(start({ batch: { size: 4, labelled: 2 } })).rejects.toThrow(
      /batch\.labelled: a batch takes images with and without labels.*12 with labels, 0 without/s,
    )
  })

  it.each([1, 5])('goes on after it was stopped in epoch %i as if it had not been', async (stopAfter) => {
    const unbroken = await start({ method: { use: 'plop' } })
    const bytes = await weights(1)

    let epochs = 0
    const stop: Callback = {
      name: 'stop',
      onStep: () => {
        if (epochs === stopAfter) throw new Error('power cut')
      },
      onEpochEnd: () => {
        epochs++
      },
    }
    await expect(start({ method: { use: 'plop' } }, { replace: true, callbacks: [stop] })).rejects.toThrow(
      'power cut',
    )
    const resumed = await start({ method: { use: 'plop' } }, { resume: true })
    expect(resumed.result.tasks).toEqual(unbroken.result.tasks)
    expect(await weights(1)).toEqual(bytes)
  })

  it.each(['onStep', 'onEpochEnd'] as const)(
    'ends a task early when a callback says so in %s',
    async (moment) => {
      const epochs: number[] = []
      const stop: Callback = {
        name: 'stop',
        [moment]: () => {
          throw new StopTraining()
        },
      }
      const count: Callback = { name: 'count', onEpochEnd: ({ task }) => void epochs.push(task.index) }
      const { result } = await start({ logEvery: 1 }, { callbacks: [count, stop] })
      expect(epochs).toEqual([0, 1])
      expect(result.tasks[1]!.metrics.withBackground.miou.all).not.toBeNull()
      const resumed = await start({ logEvery: 1 }, { resume: true, callbacks: [count] })
      expect(epochs).toEqual([0, 1])
      expect(resumed.result.tasks).toEqual(result.tasks)
    },
  )

  it('starts from a checkpoint in place of the first task', async () => {
    const first = await start()
    const startFrom = join(runs, 'squares', 'checkpoints', 'task-0', 'last.safetensors')
    const { result } = await start({ name: 'second', startFrom })
    expect(result.tasks[0]!.metrics).toEqual(first.result.tasks[0]!.metrics)

    const other = { name: 'third', startFrom }
    const reordered = { tasks: '2-1', order: ['green', 'red', 'blue'] }
    await expect(start({ ...other, protocol: reordered })).rejects.toThrow('knows other classes')
    const wider = { use: 'unet', options: { width: 5, depth: 2 } }
    await expect(start({ ...other, student: wider })).rejects.toThrow('startFrom: the weights do not fit')
    await expect(readFile(join(runs, 'third', 'config.json'))).rejects.toThrow('ENOENT')
  })

  it.each(['ewc', 'pi', 'rw'])(
    'refuses a checkpoint in place of the first task where %s needs it',
    async (use) => {
      await start({ epochs: 1, stepsPerEpoch: 1 })
      const startFrom = join(runs, 'squares', 'checkpoints', 'task-0', 'last.safetensors')
      const second = { name: 'second', startFrom, method: { use } }
      await expect(start(second)).rejects.toThrow(`method "${use}" cannot start from a checkpoint`)
      await expect(readFile(join(runs, 'second', 'config.json'))).rejects.toThrow('ENOENT')
    },
  )

  it('does nothing when a finished run is resumed', async () => {
    const { directory, result } = await start({ epochs: 1, stepsPerEpoch: 1 })
    const touched = async () =>
      Promise.all(
        ['result.json', 'report.html', 'metrics.jsonl'].map((file) =>
          readFile(join(directory, file), 'utf8'),
        ),
      )
    const before = await touched()
    const again = await start({ epochs: 1, stepsPerEpoch: 1 }, { resume: true })
    expect(again).toEqual({ directory, result, wasFinished: true })
    expect(await touched()).toEqual(before)
  })

  it('has as many steps an epoch when whole images are not square', async () => {
    const steps: number[] = []
    const count: Callback = { name: 'count', onStep: ({ progress }) => void steps.push(progress.step) }
    const whole = { data: { use: 'squares', options: { heights: [20] } }, protocol: {}, logEvery: 1 }
    await start({ ...whole, epochs: 2 }, { callbacks: [count] })
    expect(steps).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('refuses whole images of several sizes, but not one by one', async () => {
    const several = { data: { use: 'squares', options: { heights: [16, 20] } }, epochs: 1, stepsPerEpoch: 2 }
    await expect(start(several)).rejects.toThrow(/do not fit one batch.*batch\.crop/s)
    await start({ ...several, batch: { size: 1 } })
    await start({ ...several, batch: { size: 4, crop: 16 } }, { replace: true })
  })

  it('refuses to write over a run', async () => {
    await start({ epochs: 1, stepsPerEpoch: 1 })
    await expect(start()).rejects.toThrow('holds a run already')
  })

  it('leaks no tensor over 50 steps, and a warm step uploads its batch and reads nothing back', async () => {
    const tensors: number[] = []
    const traffic: { uploads: number; readbacks: number }[] = []
    let before = { uploads: 0, readbacks: 0 }
    const watch: Callback = {
      name: 'watch',
      onStep: ({ progress }) => {
        if (progress.step % 10 !== 0) return
        const { stats } = tf.backend() as RefBackend
        tensors.push(tf.memory().numTensors)
        traffic.push({
          uploads: stats.uploads - before.uploads,
          readbacks: stats.readbacks - before.readbacks,
        })
        before = { uploads: stats.uploads, readbacks: stats.readbacks }
      },
    }
    const settings = {
      protocol: { tasks: 'all' },
      epochs: 1,
      stepsPerEpoch: 51,
      logEvery: 10,
      batch: { size: 1 },
    }
    await start(
      { ...settings, student: { use: 'unet', options: { width: 2, depth: 1 } } },
      { callbacks: [watch] },
    )
    expect(tensors).toHaveLength(6)
    expect(new Set(tensors.slice(1)).size).toBe(1)
    // ten steps: images and labels each; scalars stay on the host
    expect(traffic.slice(1)).toEqual(Array(5).fill({ uploads: 20, readbacks: 0 }))
  })

  it('frees all it made', async () => {
    await start({ epochs: 1, stepsPerEpoch: 1 })
    const before = tf.memory().numTensors
    await start({ name: 'again', epochs: 1, stepsPerEpoch: 1 })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('names the term whose loss is not finite', async () => {
    await expect(start({ optimizer: { use: 'sgd', learningRate: 1e30 }, logEvery: 1 })).rejects.toThrow(
      /ce = NaN/,
    )
  })
})

describe('a config', () => {
  it.each([
    ['an unknown key', { epoch: 3 }, 'unknown key "epoch" (did you mean "epochs"?)'],
    ['an unknown key inside', { batch: { sise: 3 } }, 'unknown key "sise" at batch (did you mean "size"?)'],
    [
      'an unknown option',
      { student: { use: 'unet', options: { widht: 3 } } },
      'unknown key "widht" at student.options (did you mean "width"?)',
    ],
    [
      'an unknown model',
      { student: { use: 'unett' } },
      'unknown name "unett" at student.use (did you mean "unet"?)',
    ],
    ['an unknown class', { protocol: { tasks: [['rot']] } }, 'did you mean "red"?'],
    ['an unknown split', { data: { use: 'squares', validation: 'val' } }, 'has no split "val"'],
    [
      'an unknown tap',
      {
        method: {
          use: 'compose',
          options: {
            terms: {
              at: {
                loss: 'local-pod',
                reads: { student: 'student.encoder.9', teacher: 'student.encoder.1' },
              },
            },
          },
        },
      },
      'term "at" reads "student.encoder.9", which nothing provides',
    ],
    [
      'an unknown tap of a method that looks at the data',
      { method: { use: 'astray' } },
      'reads "student.nowhere"',
    ],
    ['a plugin that is not there', { plugins: ['./nowhere.ts'] }, 'nowhere.ts: does not exist'],
  ])('with %s is refused, and nothing is written', async (_, over, message) => {
    await expect(start(over)).rejects.toThrow(message)
    await expect(readFile(join(runs, 'squares', 'config.json'))).rejects.toThrow('ENOENT')
  })
})
