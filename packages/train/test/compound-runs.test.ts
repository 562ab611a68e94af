import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Callback, DataError, tf } from '@limbeck/core'
import {
  compareRuns,
  crossValidate,
  foldDirectories,
  loadCheckpoint,
  openExperiment,
  parseConfig,
  predictSplit,
  type RunOptions,
  readRun,
  run,
} from '@limbeck/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reuseBackground } from '../src/two-stage/background-reuse.ts'

let runs: string
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'limbeck-runs-'))
})
afterEach(() => rm(runs, { recursive: true }))

const parse = (over: object) =>
  parseConfig({
    file: 'test.yaml',
    directory: fileURLToPath(new URL('.', import.meta.url)),
    value: {
      name: 'squares',
      plugins: ['./squares.ts'],
      data: { use: 'squares', options: { count: 6 } },
      student: { use: 'unet', options: { width: 2, depth: 1 } },
      method: { use: 'fine-tune' },
      batch: { size: 2 },
      epochs: 1,
      stepsPerEpoch: 2,
      samples: 1,
      ...over,
    },
  })
const options = (more: RunOptions = {}): RunOptions => ({ runs, backend: 'ref', ...more })
const powerCut = (steps: number): Callback => {
  let left = steps
  return {
    name: 'power-cut',
    onTaskStart: () => {
      if (left-- === 0) throw new DataError('test/power-cut', 'power cut')
    },
  }
}

describe('a cross-validation', () => {
  const protocol = { folds: { count: 3, by: 'image' } }

  it('is a run a fold, one report, and mean ± standard deviation in a comparison', async () => {
    const { directory, folds, comparison } = await crossValidate(await parse({ protocol }), options())
    expect(await foldDirectories(directory)).toEqual([0, 1, 2].map((k) => join(directory, `fold-${k}`)))
    const scores = folds.map(({ result }) => result.tasks[0]!.metrics.withBackground.miou.all!)
    const mean = scores.reduce((sum, score) => sum + score, 0) / 3
    const [group] = comparison.groups
    expect(comparison.groups).toHaveLength(1)
    expect(group!.values['all with background'].mean).toBeCloseTo(mean, 10)
    expect(group!.runs.map(({ fold }) => fold)).toEqual([0, 1, 2])
    const page = await readFile(join(directory, 'report.html'), 'utf8')
    expect(page).toContain('3 folds, seed 0')
    expect(page).not.toMatch(/<script|https?:/)
  })

  it('goes on with the fold that was not finished, and leaves the others alone', async () => {
    const parsed = await parse({ protocol })
    const cut = options({ callbacks: [powerCut(1)] })
    await expect(crossValidate(parsed, cut)).rejects.toThrow('power cut')
    const { folds } = await crossValidate(parsed, options({ resume: true }))
    expect(folds.map(({ wasFinished }) => wasFinished)).toEqual([true, false, false])
    const again = await crossValidate(parsed, options({ resume: true }))
    expect(again.folds.map(({ result }) => result)).toEqual(folds.map(({ result }) => result))
  })

  it('may be one fold alone', async () => {
    const one = { folds: { count: 3, by: 'image', fold: 1 } }
    const { directory } = await run(await parse({ protocol: one }), options())
    const { groups } = compareRuns([await readRun(directory)])
    expect(groups[0]!.runs[0]!.fold).toBe(1)
  })

  it('refuses a fold that there is none of', async () => {
    const one = { folds: { count: 3, by: 'image', fold: 3 } }
    await expect(run(await parse({ protocol: one }), options())).rejects.toThrow('expected 0 to 2')
  })
})

describe('background reuse', () => {
  const logits = (rows: number[][]) => tf.tensor4d(rows.flat(), [1, 1, rows.length, rows[0]!.length])
  const classes = (threshold: number) =>
    tf.tidy(() => {
      // background, a, b by the first network; the second gives 0.5, 0.6, 0.4 and 0.6 of foreground
      const multi = logits([
        [0, 3, 1],
        [0, 1, 3],
        [0, 9, 1],
        [4, 1, 2],
      ])
      const binary = logits([0.5, 0.6, 0.4, 0.6].map((p) => [0, Math.log(p / (1 - p))]))
      const combined = reuseBackground(multi, binary, Math.log(threshold / (1 - threshold)))
      return [...tf.argMax(combined, 3).dataSync()]
    })

  it('is the background where the second network says so, and the first one elsewhere', () => {
    // a probability of exactly the threshold is background: the thesis asks for more than τ
    expect(classes(0.5)).toEqual([0, 2, 0, 0])
  })

  it('takes another threshold', () => {
    expect(classes(0.35)).toEqual([1, 2, 1, 0])
    expect(classes(0.7)).toEqual([0, 0, 0, 0])
  })
})

describe('a two-stage run', () => {
  const twoStage = { binary: { student: { use: 'unet-plus-plus', options: { width: 2, depth: 1 } } } }

  it('trains both networks, and is a run whose model is their combination', async () => {
    const parsed = await parse({ twoStage, predictions: true })
    const { directory, result } = await run(parsed, options())
    for (const stage of ['multi_class', 'binary_class']) {
      const { result: own, sheets } = await readRun(join(directory, stage))
      expect(own!.tasks[0]!.classes.length).toBe(stage === 'multi_class' ? 4 : 2)
      expect(sheets[0]!.pictures).toHaveLength(1)
      expect(await readdir(join(directory, stage, 'predictions'))).toHaveLength(2 * 6 + 1)
    }
    expect(await readdir(join(directory, 'combine'))).toHaveLength(2 * 6 + 1)
    expect(result.tasks[0]!.classes).toEqual(['background', 'red', 'green', 'blue'])
    expect((await readRun(directory)).result).toEqual(result)
    expect(await readFile(join(directory, 'report.html'), 'utf8')).toContain('id="stages"')
  })

  it('combines as the rule says, pixel by pixel', async () => {
    const student = { use: 'unet', options: { width: 4, depth: 2 } }
    const longer = { epochs: 8, stepsPerEpoch: 6, optimizer: { learningRate: 0.02 } }
    const parsed = await parse({ twoStage: { binary: { epochs: 9 } }, student, ...longer })
    const { directory } = await run(parsed, options())
    const load = async (...path: string[]) =>
      (
        await loadCheckpoint(
          join(directory, ...path, 'checkpoints', 'task-0', 'last.safetensors'),
          parsed.registry,
        )
      ).model
    const [multi, binary, combined] = [await load('multi_class'), await load('binary_class'), await load()]
    const { twoStage: _, ...plain } = parsed.config
    const { experiment, validationView, close } = await openExperiment({ ...parsed, config: plain as never })
    const split = validationView(experiment.tasks[0]!.task as never)
    const mapsOf = async (model: typeof multi) => {
      const maps: number[][] = []
      const inference = { ...parsed.config.inference, batchSize: 6 }
      for await (const { predicted } of predictSplit(model, split, inference)) maps.push([...predicted])
      return maps.flat()
    }
    const [m, b, c] = [await mapsOf(multi), await mapsOf(binary), await mapsOf(combined)]
    expect(c).toEqual(m.map((label, at) => (b[at] === 0 ? 0 : label)))
    expect(new Set(b).size).toBe(2)
    await close()
  })

  it('goes on with the network that was not finished', async () => {
    const parsed = await parse({ twoStage })
    const cut = options({ callbacks: [powerCut(1)] })
    await expect(run(parsed, cut)).rejects.toThrow('power cut')
    const first = await readFile(join(runs, 'squares', 'multi_class', 'result.json'), 'utf8')
    const { result } = await run(parsed, options({ resume: true }))
    expect(await readFile(join(runs, 'squares', 'multi_class', 'result.json'), 'utf8')).toBe(first)
    const again = await run(parsed, options({ resume: true }))
    expect(again).toMatchObject({ result, wasFinished: true })
  })

  it('finds what is wrong with the second network before the first one trains', async () => {
    const wrong = { binary: { student: { use: 'unet', options: { widht: 2 } } } }
    await expect(run(await parse({ twoStage: wrong }), options())).rejects.toThrow('did you mean "width"?')
    await expect(run(await parse({ twoStage, protocol: { tasks: '2-1' } }), options())).rejects.toThrow(
      'twoStage: both networks learn all classes at once',
    )
    const protocol = { folds: { count: 3, by: 'image' } }
    await expect(crossValidate(await parse({ twoStage: wrong, protocol }), options())).rejects.toThrow(
      'twoStage.binary',
    )
    expect(await readdir(runs)).toEqual([])
  })
})
