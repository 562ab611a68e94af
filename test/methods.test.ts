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
  /** The method; default: what the setting is called. */
  readonly use?: string
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
    data: { use: 'synthetic-nuclei', options: { size: 32, train: 2, validation: 1, balanced: true } },
    protocol: { tasks, order: ['epithelial', 'lymphocyte', 'macrophage', 'neutrophil'] },
    student,
    method: { use, options },
    batch: { size: 2, augment: { flip: false, rotate: false } },
    epochs: 1,
    stepsPerEpoch: 4,
    optimizer: { use: 'adam', learningRate: [0.01, 0.002] },
    logEvery: 1,
  }
  const parsed = await parseConfig({ file: `${use}.test`, directory: process.cwd(), value })
  return change((await openExperiment(parsed)).experiment)
}

/** Trains, and gives what every step reported. */
async function stepsOf(name: string, setting: Setting): Promise<StepEvent[]> {
  const steps: StepEvent[] = []
  const recorder: Callback = { name: 'recorder', onStep: (step) => void steps.push(step) }
  const { student } = await train(await experimentOf(setting.use ?? name, setting), [recorder])
  student.dispose()
  return steps
}

/** The term that a method learns a task from; those that keep the past start at their minimum. */
const firstTerm = ({ terms }: StepEvent): number => Object.values(terms)[0]!.value

/** The lower half of every image loses its labels. */
const halfLabelled = (experiment: Experiment): Experiment => ({
  ...experiment,
  tasks: experiment.tasks.map((plan) => ({ ...plan, batches: (epoch) => hideHalf(plan.batches(epoch)) })),
})

async function* hideHalf(batches: AsyncIterable<TensorBatch>): AsyncGenerator<TensorBatch> {
  for await (const { images, labels } of batches) {
    const [count, height, width] = labels.shape
    const hidden = tf.tidy(() => {
      const upper = tf.slice(labels, [0, 0, 0], [count, height / 2, width])
      return tf.concat([upper, tf.fill([count, height / 2, width], 255, 'int32') as typeof labels], 1)
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
  ewc: { options: { penaltyWeight: 5 } },
  pi: {},
  rw: { options: { penaltyWeight: 5, every: 2 } },
  mib: { options: { diceWeight: 1 } },
  plop: {},
  rcil: { student: parallel, options: { kernels: [4, 8], branchMixing: false } },
  'rcil, official': {
    use: 'rcil',
    student: parallel,
    options: { preset: 'official', kernels: [4, 8], kdWeight: 10 },
  },
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
  it('trains from its first task to its last, and learns each of them', async () => {
    const steps = await stepsOf(name, setting)
    const tasks = [...new Set(steps.map(({ task }) => task.index))]
    expect(tasks).toHaveLength(setting.tasks ? 1 : 2)
    expect(steps.every(({ total }) => Number.isFinite(total))).toBe(true)
    for (const index of tasks) {
      const [first, ...later] = steps.filter(({ task }) => task.index === index)
      const last = later.at(-1)!
      expect(firstTerm(last), `what is learnt in task ${index}`).toBeLessThan(firstTerm(first!))
      expect(last.total, `total in task ${index}`).toBeLessThan(first!.total)
    }
  })
})

it('leaves a teacher as it was, with its running statistics', async () => {
  const experiment = await experimentOf('distil', settings.distil!)
  const teacher = experiment.teacher!
  const state = () =>
    [...teacher.parameters(), ...teacher.buffers()].map(([, { tensor }]) => tensor.dataSync())
  const before = state()
  const { student } = await train(experiment, [])
  student.dispose()
  expect(before.length).toBeGreaterThan(0)
  expect(state()).toEqual(before)
})
