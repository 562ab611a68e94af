import { writeFile } from 'node:fs/promises'
import { type DatasetClass, IGNORE_LABEL, type Model, type Split } from '@limbeck/core'
import { makeDirectory, stripPng, summaryOf, writeJson } from '@limbeck/data'
import { predictSplit, readAsWhole } from '../evaluation.ts'
import type { SegmentOptions } from '../inference/segment-images.ts'
import { countPixels } from '../metrics/pixels/confusion.ts'
import { pixelMetrics } from '../metrics/pixels/segmentation.ts'
import type { PlannedTask } from '../protocols/tasks.ts'
import type { RunDirectory } from '../run/run-directory.ts'

export type ClassColor = Pick<DatasetClass, 'name' | 'color'>

/** One picture: image | truth | prediction, with how well each class was found in it. */
export interface SamplePicture {
  readonly id: string
  /** Beside the sheet, in `samples/`. */
  readonly file: string
  /** Of the image; the picture is three times as wide. */
  readonly width: number
  readonly height: number
  /** IoU by class name; `null` where a class occurs neither in truth nor in prediction. */
  readonly iou: Readonly<Record<string, number | null>>
}

/** `samples/task-<k>.json`: the pictures of a task and what their colours mean. */
export interface SampleSheet {
  readonly task: number
  readonly classes: readonly ClassColor[]
  readonly pictures: readonly SamplePicture[]
}

export interface WriteSamplesOptions {
  readonly run: RunDirectory
  readonly task: PlannedTask
  readonly model: Model
  /** Validation images, labels as the model's channels. */
  readonly split: Split
  /** In the order of the model's channels. */
  readonly classes: readonly ClassColor[]
  /** Pictures to write; fewer when the split is smaller. */
  readonly count: number
  readonly inference: SegmentOptions
}

/**
 * Writes what a model sees in a few images: `samples/task-<k>-<id>.png` (image | truth | prediction) and the
 * sheet `samples/task-<k>.json`. The same images are taken every time: those with most classes first, none that is too large to be
 * read as a whole.
 */
export async function writeSamples({
  run,
  task,
  model,
  split,
  classes,
  count,
  inference,
}: WriteSamplesOptions): Promise<void> {
  await makeDirectory(run.file('samples'))
  const order = await withMostClasses(split, count)
  const pictures: SamplePicture[] = []
  for await (const { sample, predicted } of predictSplit(model, split, { ...inference, order })) {
    const confusion = countPixels(sample.labels, predicted, classes.length)
    const file = `task-${task.index}-${encodeURIComponent(sample.id)}.png`
    const png = await stripPng(
      sample,
      predicted,
      classes.map(({ color }) => color),
    )
    await writeFile(run.file('samples', file), png)
    const { perClass } = pixelMetrics([confusion], task).withBackground
    pictures.push({
      id: sample.id,
      file,
      width: sample.width,
      height: sample.height,
      iou: Object.fromEntries(Object.entries(perClass).map(([name, { iou }]) => [name, iou])),
    })
  }
  const sheet: SampleSheet = {
    task: task.index,
    classes: classes.map(({ name, color }) => ({ name, color })),
    pictures,
  }
  await writeJson(run.file('samples', `task-${task.index}.json`), sheet)
}

/** Indexes of the `count` samples that show most classes; among equals the earlier ones. */
async function withMostClasses(split: Split, count: number): Promise<number[]> {
  const shown: { readonly index: number; readonly classes: number }[] = []
  for (const index of await readAsWhole(split)) {
    const { pixels } = await summaryOf(split, index)
    shown.push({ index, classes: pixels.size - (pixels.has(IGNORE_LABEL) ? 1 : 0) })
  }
  return shown
    .sort((a, b) => b.classes - a.classes || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index)
}
