import { registerRef } from '@limbeck/backend-ref'
import { type Callback, Random, type StepEvent, type TensorBatch, tf } from '@limbeck/core'
import { unet } from '@limbeck/models'
import { type Experiment, openExperiment, parseConfig, train } from '@limbeck/train'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const tiny = { use: 'unet', options: { width: 4, depth: 2 } }
const twoTasks = [['epithelial', 'lymphocyte'], ['macrophage']]

interface Setting {
  readonly options?: Record<string, unknown>
  readonly student?: { readonly use: string; readonly options: Record<string, unknown> }
  readonly tasks?: string | readonly (readonly string[])[]
  /** What the config would load from checkpoints, or what the data set would lack. */
  readonly change?: (experiment: Experiment) => Experiment
}

/** A training of some seconds on synthetic nuclei. */
async function experimentOf(use: string, setting: Setting): Promise<Experiment> {
  const { options = {}, student = tiny, tasks = twoTasks, change = (given) => given } = setting
  const value = {
    name: use,
    data: { use: 'synthetic-nuclei', options: { size: 32, train: 8, validation: 2, balanced: true } },
    protocol: { tasks, order: ['epithelial', 'lymphocyte', 'macrophage', 'neutrophil'] },
    student,
    method: { use, options },
    batch: { size: 2 },
    epochs: 2,
    stepsPerEpoch: 5,
    optimizer: { use: 'adam', learningRate: [0.01, 0.002] },
    evaluateEvery: 2,
    logEvery: 1,
  }
  const parsed = await parseConfig({ file: `${use}.test`, directory: process.cwd(), value })
  return change((await openExperiment(parsed)).experiment)
}

/** Trains, and gives what every step reported. */
async function stepsOf(use: string, setting: Setting): Promise<StepEvent[]> {
  const steps: StepEvent[] = []
  const recorder: Callback = { name: 'recorder', onStep: (step) => void steps.push(step) }
  const { student } = await train(await experimentOf(use, setting), [recorder])
  student.dispose()
  return steps
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The second half of each batch loses its labels. */
const halfLabelled = (experiment: Experiment): Experiment => ({
  ...experiment,
  tasks: experiment.tasks.map((plan) => ({ ...plan, batches: (epoch) => hideHalf(plan.batches(epoch)) })),
})

async function* hideHalf(batches: AsyncIterable<TensorBatch>): AsyncGenerator<TensorBatch> {
  for await (const { images, labels } of batches) {
    const [count, height, width] = labels.shape
    const half = Math.floor(count / 2)
    const hidden = tf.tidy(() => {
      const kept = tf.slice(labels, [0, 0, 0], [half, height, width])
      return tf.concat([kept, tf.fill([count - half, height, width], 255, 'int32') as typeof labels])
    })
    yield { images, labels: hidden }
    hidden.dispose()
  }
}

const teacherOf = (classes: number, seed: string) =>
  unet({ classes, width: 8, depth: 3, random: new Random(seed) })
const parallel = { use: 'parallel-unet', options: { encoder: 'resnet-18', width: 4 } }
const mtnet = { use: 'mtnet', options: { encoder: 'resnet-18', width: 4, headWidth: 64 } }

const settings: Readonly<Record<string, Setting>> = {
  supervised: { options: { losses: { dice: {}, 'cross-entropy': {} }, classWeights: 'inverse' } },
  joint: {},
  'fine-tune': {},
  lwf: {},
  'lwf-mc': {},
  ilt: {},
  ewc: {},
  pi: {},
  rw: { options: { every: 2 } },
  mib: { options: { diceWeight: 1 } },
  plop: {},
  rcil: { student: parallel },
  'focal-kd': { student: parallel },
  'mean-teacher': { tasks: 'all', change: halfLabelled },
  cps: { tasks: 'all', change: halfLabelled },
  cdma: { tasks: 'all', student: mtnet, change: halfLabelled },
  distil: {
    tasks: 'all',
    options: { features: 'mse' },
    change: (experiment) => ({ ...experiment, teacher: teacherOf(5, 'teacher') }),
  },
  'ms-kd': {
    tasks: [['epithelial', 'lymphocyte']],
    options: { featureWeight: 0 },
    change: (experiment) => ({
      ...experiment,
      teachers: { epithelial: teacherOf(2, 'a'), lymphocyte: teacherOf(2, 'b') },
    }),
  },
}

describe.each(Object.entries(settings))('%s', (name, setting) => {
  it('trains from its first task to its last, with a falling loss', async () => {
    const steps = await stepsOf(name, setting)
    console.log(
      name,
      [0, 1]
        .map((t) =>
          steps
            .filter((s) => s.task.index === t)
            .map((s) => s.total.toFixed(3))
            .join(' '),
        )
        .join(' | '),
    )
    const tasks = [...new Set(steps.map(({ task }) => task.index))]
    expect(tasks).toHaveLength(setting.tasks ? 1 : 2)
    expect(steps.every(({ total }) => Number.isFinite(total))).toBe(true)
    for (const index of tasks) {
      const totals = steps.filter(({ task }) => task.index === index).map(({ total }) => total)
      expect(mean(totals.slice(-3))).toBeLessThan(mean(totals.slice(0, 3)))
    }
  })
})
