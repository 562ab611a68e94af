import { adam, constant, type MethodFactory, Random, type TensorBatch, tf, type z } from '@limbeck/core'
import { unet } from '@limbeck/models'
import {
  countBatches,
  type Experiment,
  type PlannedTask,
  pixelMetrics,
  planTasks,
  train,
} from '@limbeck/train'
import { type Check, check, fail } from './check.ts'

const CLASSES = ['background', 'red', 'green', 'blue'].map((name, id) => ({ id, name }))
const [BATCH, SIZE, CHANNELS] = [2, 16, 3]
const STEPS = 2

/** Trains a tiny U-Net with a method for two steps on each of two tasks. */
export async function checkMethod(
  subject: string,
  factory: MethodFactory<z.ZodRawShape>,
  options: Readonly<Record<string, unknown>> | undefined,
): Promise<Check[]> {
  const trained = await check(subject, 'trains two tasks on a tiny U-Net', async () => {
    const method = factory(options as never)
    const tasks = planTasks([['red', 'green'], ['blue']], CLASSES)
    const { tasks: results, student } = await train({
      method,
      tasks: tasks.map(planOf),
      build: (classes, random) => unet({ classes, inChannels: CHANNELS, width: 4, depth: 2, random }),
      makeOptimizer: (groups) => adam({ groups }),
      makeSchedule: () => constant(),
      random: new Random(1),
      teachers: {},
      evaluateEvery: 1,
      logEvery: 1,
    })
    const channels = student.taps.find(({ name }) => name === 'logits')!.channels
    student.dispose()
    if (channels !== CLASSES.length) fail(`${CLASSES.length} classes in the end`, `${channels}`)
    if (results.length !== tasks.length) fail(`${tasks.length} tasks`, `${results.length}`)
    return undefined
  })
  return [trained]
}

type Plan = Experiment['tasks'][number]

function planOf(task: PlannedTask): Plan {
  const batches = (epoch: number) => randomBatches(task, new Random('batch').fork(task.index, epoch))
  return {
    task,
    epochs: 1,
    learningRate: 1e-3,
    stepsPerEpoch: STEPS,
    batches,
    plainBatches: () => batches(0),
    evaluate: async (model) =>
      pixelMetrics([await countBatches(model, batches(0), task.classes.length)], task),
  }
}

/** Noise; labels as the overlapped setting shows them: the task's own classes, the rest background. */
async function* randomBatches(
  { oldClasses, classes }: PlannedTask,
  random: Random,
): AsyncGenerator<TensorBatch> {
  const shown = [0, ...classes.keys()].filter((channel) => channel === 0 || channel >= oldClasses)
  for (let step = 0; step < STEPS; step++) {
    const pixels = BATCH * SIZE * SIZE
    const image = Float32Array.from({ length: pixels * CHANNELS }, () => random.normal())
    const labels = Int32Array.from({ length: pixels }, () => random.pick(shown))
    const batch: TensorBatch = {
      images: tf.tensor4d(image, [BATCH, SIZE, SIZE, CHANNELS]),
      labels: tf.tensor3d(labels, [BATCH, SIZE, SIZE], 'int32'),
    }
    try {
      yield batch
    } finally {
      tf.dispose([batch.images, batch.labels])
    }
  }
}
