import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { RunError } from '@limbeck/core'
import { type LabelTiffState, pathExists, writeJson } from '@limbeck/data'
import type { InferenceOptions } from '@limbeck/train'
import { fileChecksum } from '../file-checksum.ts'

/** How far an image has come: finished, with the part of its pixels that each class has, or some rows of its mask. */
export type ImageProgress = { readonly shares: readonly number[] } | { readonly mask: LabelTiffState }

/** What decides over a prediction besides the image. */
interface Settings extends InferenceOptions {
  /** SHA-256 of the checkpoint. */
  readonly model: string
}

interface Known {
  readonly bytes: number
  readonly modified: number
  readonly progress: ImageProgress
}

/** `progress.json` in a folder of predictions, while they are being made: with it a killed run goes on. */
export class PredictionProgress {
  readonly #file: string
  readonly #settings: Settings
  readonly #images: Map<string, Known>

  /** Throws `RunError` when what is gone on with was begun with another model or other settings. */
  static async open(
    directory: string,
    {
      model,
      inference,
      resume,
    }: { readonly model: string; readonly inference: InferenceOptions; readonly resume: boolean },
  ): Promise<PredictionProgress> {
    const file = join(directory, 'progress.json')
    const { tile, overlap, blend, augment } = inference
    const settings = { model: await fileChecksum(model), tile, overlap, blend, augment }
    if (!resume || !(await pathExists(file))) return new PredictionProgress(file, settings, {})
    const saved = JSON.parse(await readFile(file, 'utf8')) as {
      settings: Settings
      images: Record<string, Known>
    }
    if (!isDeepStrictEqual(saved.settings, settings)) {
      throw new RunError(
        'predict/other-settings',
        `${directory}: was begun with another model or other settings`,
        {
          expected: JSON.stringify(saved.settings),
          received: JSON.stringify(settings),
          hint: 'leave --resume out to begin again',
        },
      )
    }
    return new PredictionProgress(file, settings, saved.images)
  }

  private constructor(file: string, settings: Settings, images: Readonly<Record<string, Known>>) {
    this.#file = file
    this.#settings = settings
    this.#images = new Map(Object.entries(images))
  }

  /** How far an image file had come; undefined when it was not begun, or has changed since. */
  async of(image: string): Promise<ImageProgress | undefined> {
    const known = this.#images.get(image)
    const { size, mtimeMs } = await stat(image)
    return known?.bytes === size && known.modified === mtimeMs ? known.progress : undefined
  }

  async save(image: string, progress: ImageProgress): Promise<void> {
    const { size, mtimeMs } = await stat(image)
    this.#images.set(image, { bytes: size, modified: mtimeMs, progress })
    await writeJson(this.#file, { settings: this.#settings, images: Object.fromEntries(this.#images) })
  }

  /** Everything is there: nothing is left to go on with. */
  remove(): Promise<void> {
    return rm(this.#file, { force: true })
  }
}
