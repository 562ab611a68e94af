import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Random, type Sample } from '@limbeck/core'
import { stripPng, writeJson } from '@limbeck/data'
import { metricsLog } from '../src/callbacks/metrics-log.ts'
import { surfaceDice } from '../src/metrics/borders/surface-dice.ts'
import { confidence } from '../src/metrics/confidence.ts'
import { type ImageRecord, recordOf, summarise, type TaskMetrics } from '../src/metrics/measurement.ts'
import { panopticQuality } from '../src/metrics/objects/panoptic-quality.ts'
import { countPixels } from '../src/metrics/pixels/confusion.ts'
import { pixelMetrics } from '../src/metrics/pixels/segmentation.ts'
import { planTasks } from '../src/protocols/tasks.ts'
import type { RunResult } from '../src/run/result.ts'

const CLASSES = [
  { id: 0, name: 'background', color: [238, 226, 232] },
  { id: 1, name: 'epithelial', color: [38, 120, 178] },
  { id: 2, name: 'lymphocyte', color: [240, 168, 48] },
  { id: 3, name: 'macrophage', color: [90, 160, 90] },
  { id: 4, name: 'neutrophil', color: [200, 60, 110] },
] as const
const METRICS = [
  panopticQuality(),
  Object.assign(panopticQuality({ types: 'joint' }), { metricName: 'bPQ' }),
  surfaceDice(),
]
const SIDE = 64
const EPOCHS = 12
const STEPS_PER_EPOCH = 20

/** How often a pixel of each class is called something else after each task: what the run is made to show. */
const ERROR_RATES = [
  [0.02, 0.1, 0.3],
  [0.03, 0.17, 0.34, 0.3],
  [0.04, 0.16, 0.42, 0.3, 0.55],
]

export interface MadeUpRun {
  readonly name: string
  readonly method: string
  readonly seed: number
  /** Multiplies the error rates. */
  readonly difficulty?: number
}

/** Writes a run directory that no training made: three tasks on five classes, with every file a report reads. */
export async function makeUpRun(directory: string, run: MadeUpRun): Promise<void> {
  const random = new Random(run.seed).fork(run.name)
  const tasks = planTasks('2-1', CLASSES)
  await mkdir(join(directory, 'samples'), { recursive: true })
  await mkdir(join(directory, 'checkpoints'), { recursive: true })
  const log = metricsLog(join(directory, 'metrics.jsonl'))
  const measured: TaskMetrics[] = []
  for (const task of tasks) {
    const event = { task, tasks: tasks.length, resumed: false }
    const rates = ERROR_RATES[task.index]!.map((rate) => rate * (run.difficulty ?? 1))
    const colors = CLASSES.slice(0, task.classes.length).map(({ color }) => color)
    const pictures = []
    const records: ImageRecord[] = []
    for (let k = 0; k < 4; k++) {
      const sample = drawSample(`val-${k}`, task.classes.length, random.fork(task.index, k))
      const predicted = guess(sample.labels, rates, random.fork('guess', task.index, k))
      const shown = { ...sample, classes: task.classes.length, truth: sample.labels, predicted }
      records.push(recordOf(shown, METRICS))
      const { perClass } = pixelMetrics(
        [countPixels(sample.labels, predicted, task.classes.length)],
        task,
      ).withBackground
      const file = `task-${task.index}-${sample.id}.png`
      await writeFile(join(directory, 'samples', file), await stripPng(sample, predicted, colors))
      const iou = Object.fromEntries(Object.entries(perClass).map(([name, metrics]) => [name, metrics.iou]))
      pictures.push({ id: sample.id, file, width: SIDE, height: SIDE, iou })
    }
    const options = { ...task, metrics: METRICS }
    const intervals = confidence(records, options, {
      resamples: 40,
      level: 0.9,
      random: random.fork('again'),
    })
    const metrics: TaskMetrics = { ...summarise(records, options), intervals }
    measured.push(metrics)
    const classes = CLASSES.slice(0, task.classes.length).map(({ name, color }) => ({ name, color }))
    await writeJson(join(directory, 'samples', `task-${task.index}.json`), {
      task: task.index,
      classes,
      pictures,
    })

    log.onTaskStart?.(event)
    const steps = EPOCHS * STEPS_PER_EPOCH
    for (let step = 0; step < steps; step++) {
      const epoch = Math.floor(step / STEPS_PER_EPOCH)
      const progress = { task: task.index, epoch, epochs: EPOCHS, step, steps, fraction: step / steps }
      const wobble = () => Math.exp(random.normal(0, 0.12))
      const ce = (1.6 * Math.exp(-step / 40) + 0.18) * wobble()
      const kd = (0.4 * Math.exp(-step / 25) + 0.004) * wobble()
      const terms = {
        ce: { value: ce, weight: 1 },
        ...(task.index > 0 ? { kd: { value: kd, weight: 10 } } : {}),
      }
      const total = ce + (task.index > 0 ? 10 * kd : 0)
      const seconds = (step + 1) * 0.21
      if (step % 2 === 0) {
        const learningRate = 1e-3 * (1 - step / steps) ** 0.9
        log.onStep?.({ ...event, progress, total, terms, learningRate, seconds })
      }
      if ((step + 1) % STEPS_PER_EPOCH === 0) {
        const score =
          metrics.withoutBackground.miou.all! *
          (1 - Math.exp(-(epoch + 1) / 3)) *
          Math.exp(random.normal(0, 0.02))
        log.onEpochEnd?.({ ...event, progress, loss: total, score, seconds })
      }
    }
    log.onTaskEnd?.({ ...event, metrics: metrics as never })
  }
  const result: RunResult = {
    name: run.name,
    method: run.method,
    seed: run.seed,
    backend: 'ref',
    seconds: 163.2,
    tasks: tasks.map(({ name, classes }, k) => ({ name, classes, metrics: measured[k]! })),
  }
  await writeJson(join(directory, 'result.json'), result)
  await writeJson(join(directory, 'config.json'), configOf(run))
  await writeJson(join(directory, 'environment.json'), ENVIRONMENT)
}

const configOf = ({ name, method, seed }: MadeUpRun) => ({
  name,
  seed,
  plugins: [],
  data: {
    use: 'synthetic-nuclei',
    options: { size: SIDE, train: 200 },
    train: 'train',
    validation: 'validation',
  },
  protocol: { tasks: '2-1', setting: 'overlapped', futureAs: 'ignore' },
  student: { use: 'unet', options: { width: 8, depth: 3 } },
  method: { use: method, options: { kdWeight: 10 } },
  batch: { size: 8, augment: { flip: true, rotate: true } },
  epochs: EPOCHS,
  optimizer: { use: 'adamw', learningRate: 0.001 },
})

const ENVIRONMENT = {
  date: '2026-11-21T09:28:06.120Z',
  argv: ['node', 'limbeck', 'train', 'mib.yaml', '--set', 'seed=1'],
  backend: 'ref',
  node: 'v20.20.2',
  platform: 'linux 6.1.0 x64',
  cpu: 'A made-up CPU',
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  packages: { '@limbeck/train': '0.1.0', '@tensorflow/tfjs-core': '4.22.0' },
  commit: '0123456789abcdef0123456789abcdef01234567',
}

/** Pink ground with dark discs, one label a disc. */
function drawSample(id: string, classes: number, random: Random): Sample {
  const image = new Uint8Array(SIDE * SIDE * 3)
  const labels = new Uint8Array(SIDE * SIDE)
  for (let i = 0; i < labels.length; i++) {
    image.set(
      [226, 188, 210].map((base) => base + random.normal(0, 6)),
      i * 3,
    )
  }
  for (let k = 0; k < 14; k++) {
    const label = k < classes - 1 ? k + 1 : 1 + random.weighted([6, 4, 2, 1].slice(0, classes - 1))
    const [cx, cy, radius] = [random.uniform(4, 60), random.uniform(4, 60), [0, 7.5, 4.5, 8, 4][label]!]
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 > radius ** 2) continue
        labels[y * SIDE + x] = label
        const shade = [[], [150, 110, 170], [80, 50, 120], [170, 130, 150], [60, 40, 100]][label]!
        image.set(
          shade.map((base) => base + random.normal(0, 8)),
          (y * SIDE + x) * 3,
        )
      }
    }
  }
  return { id, width: SIDE, height: SIDE, image, channels: 3, labels }
}

/** The truth with wrong 4×4 patches: neighbours in the class list are taken for each other, or for background. */
function guess(labels: Uint8Array, rates: readonly number[], random: Random): Uint8Array {
  const wrong = Array.from({ length: (SIDE / 4) ** 2 }, () => [random.uniform(), random.uniform()] as const)
  return labels.map((label, i) => {
    const patch = Math.floor(i / SIDE / 4) * (SIDE / 4) + Math.floor((i % SIDE) / 4)
    const [chance, other] = wrong[patch]!
    if (chance >= rates[label]!) return label
    if (label === 0) return 1 + Math.floor(other * (rates.length - 1))
    return other < 0.6 ? 0 : (label % (rates.length - 1)) + 1
  })
}
