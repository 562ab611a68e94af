// Images per second of the loader alone, warm cache, beside what a training step of a U-Net of base 16 consumes on the
// fastest backend of this machine (`--backend NAME` for another), at 4×128×128. `--json` prints one object; the result
// is also kept in bench/results/loader.{json,txt}. `--steps N` (default 3) training steps are timed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Random, selectBackend } from '@limbeck/core'
import { dealt, drawSamples, loadBatches, readHere, uniformSampler, WorkerReader } from '@limbeck/data'
import { augmentations, openSet, splitKey } from './lib/loader-source.mjs'
import { formatTable, median } from './lib/timing.mjs'
import { unetStep } from './lib/unet-step.mjs'

const BATCH = 4
const SECONDS = 1
const setting = { count: BATCH, size: 128, width: 16, depth: 4, classes: 5 }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      backend: { type: 'string' },
      steps: { type: 'string', default: '3' },
    },
  })
  const { name: backend } = await selectBackend({ argument: values.backend })
  const step = await trainingStep(Number(values.steps))
  const consumed = BATCH / step.seconds
  const split = await openSet()
  const rows = []
  for (const [i, augment] of Object.keys(augmentations).entries()) {
    // threads cost and bring the same whatever they do: the first row's are enough
    for (const workers of i === 0 ? [0, 1, 2] : [0]) {
      const rate = await loaderRate(split, { augment, workers })
      rows.push({ augment, workers, ...rate, ratio: rate.imagesPerSecond / consumed })
    }
  }
  const result = {
    cpu: cpus()[0].model,
    threads: availableParallelism(),
    node: process.version,
    backend,
    setting,
    loadAverage: loadavg()[0],
    step,
    imagesPerSecondOfTraining: consumed,
    loader: rows,
  }
  const text = report(result)
  const results = new URL('results/', import.meta.url)
  mkdirSync(results, { recursive: true })
  writeFileSync(new URL('loader.json', results), `${JSON.stringify(result, null, 2)}\n`)
  writeFileSync(new URL('loader.txt', results), `${text}\n`)
  console.log(values.json ? JSON.stringify(result, null, 2) : text)
}

function report({ cpu, threads, loadAverage, backend, step, imagesPerSecondOfTraining, loader }) {
  const rows = loader.map(({ augment, workers, imagesPerSecond, imagesPerCpuSecond, ratio }) => ({
    'loader: crops of 128 with': augment,
    workers: String(workers),
    'images/s': imagesPerSecond.toFixed(0),
    'a second of CPU': imagesPerCpuSecond.toFixed(0),
    'times what training takes': ratio.toFixed(1),
  }))
  return [
    `${cpu}, ${threads} threads, load ${loadAverage.toFixed(1)}`,
    `a training step on ${backend}: ${step.seconds.toFixed(3)} s (${step.cpuSeconds.toFixed(3)} s of CPU), ` +
      `${imagesPerSecondOfTraining.toPrecision(3)} images/s`,
    '',
    formatTable(rows),
  ].join('\n')
}

/** Seconds of a warm step: all of them are launched, then waited for. */
async function trainingStep(steps) {
  const { run, parameters } = unetStep(setting)
  const last = [...parameters.values()].at(-1).tensor
  run()
  await last.data()
  const timer = startTimer()
  for (let step = 0; step < steps; step++) run()
  await last.data()
  const { seconds, cpuSeconds } = timer()
  return { seconds: seconds / steps, cpuSeconds: cpuSeconds / steps }
}

/** Batches as training draws them, for some seconds, after a pass over the set that warms caches. */
async function loaderRate(split, { augment, workers }) {
  const reader =
    workers === 0
      ? readHere(augmentations[augment])
      : new WorkerReader({
          workers,
          module: new URL('lib/loader-source.mjs', import.meta.url).href,
          value: { augment },
          keyOf: () => splitKey,
        })
  try {
    await epoch(split, reader, 0)
    const passes = []
    const timer = startTimer()
    for (let pass = 1; timer().seconds < SECONDS; pass++) passes.push(await epoch(split, reader, pass))
    return {
      imagesPerSecond: median(passes.map(({ images, seconds }) => images / seconds)),
      imagesPerCpuSecond: median(passes.map(({ images, cpuSeconds }) => images / cpuSeconds)),
    }
  } finally {
    await reader.close()
  }
}

/** One pass over the set. */
async function epoch(split, reader, pass) {
  const streams = [{ split, sampler: uniformSampler(split) }]
  const count = split.ids.length
  const requests = drawSamples(streams, { cycle: dealt(1), count, random: new Random(pass) })
  const timer = startTimer()
  let images = 0
  for await (const { ids } of loadBatches({ reader, requests, batchSize: BATCH })) images += ids.length
  return { images, ...timer() }
}

/** Seconds since now, by the clock and of the processor: the latter tell more where others use the machine too. */
function startTimer() {
  const start = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 }
  }
}
