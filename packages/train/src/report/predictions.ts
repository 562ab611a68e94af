import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Model, Split } from '@limbeck/core'
import { makeDirectory, maskPng, overlayPng, writeJson } from '@limbeck/data'
import { predictSplit, readAsWhole } from '../evaluation.ts'
import type { SegmentOptions } from '../inference/segment-images.ts'
import type { ClassColor } from './samples.ts'

export interface WritePredictionsOptions {
  readonly directory: string
  readonly model: Model
  readonly split: Split
  /** In the order of the model's channels. */
  readonly classes: readonly ClassColor[]
  readonly inference: SegmentOptions
}

/**
 * Writes what a model says of every image of a split: `ID.mask.png`, whose pixels are class numbers, `ID.overlay.png`,
 * the image with the classes in colour, and `classes.json`, which names the numbers. Images that are too large to be
 * read as a whole are left to `limbeck predict`.
 */
export async function writePredictions({
  directory,
  model,
  split,
  classes,
  inference,
}: WritePredictionsOptions): Promise<void> {
  await makeDirectory(directory)
  const colors = classes.map(({ color }) => color)
  const order = await readAsWhole(split)
  for await (const { sample, predicted } of predictSplit(model, split, { ...inference, order })) {
    const file = (kind: string) => join(directory, `${encodeURIComponent(sample.id)}.${kind}.png`)
    await writeFile(file('mask'), await maskPng(predicted, sample))
    await writeFile(file('overlay'), await overlayPng(predicted, sample, colors))
  }
  const legend = classes.map(({ name, color }, id) => ({ id, name, color }))
  await writeJson(join(directory, 'classes.json'), legend)
}
