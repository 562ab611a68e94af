import { join, parse } from 'node:path'
import { ConfigError, DataError } from '@limbeck/core'
import { makeDirectory, openRegionReader, writeJson } from '@limbeck/data'
import { fileSource } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { inferenceFlags, inferenceFrom } from '../inference-flags.ts'
import { modelArgument, openModel } from '../open-model.ts'
import { pluginFlag } from '../plugins.ts'
import { listImages } from '../predict/list-images.ts'
import { predictImage } from '../predict/predict-image.ts'
import { PredictionProgress } from '../predict/prediction-progress.ts'
import { percent } from '../progress/format.ts'
import { showCount } from '../progress/show-count.ts'
import { textTable } from '../text-table.ts'

export const predict = defineCommand({
  name: 'predict',
  summary: 'Segments images with a trained model',
  details: [
    'For each image, of any size: NAME.mask.png, whose pixels are class numbers, and NAME.overlay.png, the image',
    'with the classes in colour. classes.json names the numbers. An image of more than 33 million pixels is read and',
    'written piece by piece: its mask is NAME.mask.tif (tiled, as QuPath reads it), its overlay is reduced. A run that',
    'was killed goes on with --resume, in the midst of such an image too.',
  ].join('\n'),
  arguments: [
    modelArgument,
    { name: 'IMAGE', summary: 'PNG, JPEG, TIFF, SVS, WebP or BMP, or a directory of them', many: true },
  ],
  flags: {
    out: { takes: 'DIR', summary: 'where the pictures go (default: predictions)' },
    resume: { summary: 'go on with what an earlier run into the same folder did not finish' },
    tiff: { summary: 'masks are TIFF files, those of small images too' },
    ...inferenceFlags,
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …' },
    plugin: pluginFlag,
  },
  async run({ args: [target, ...paths], flags, terminal, started }) {
    const out = flags.out ?? 'predictions'
    const images = await listImages(paths)
    const names = outputNames(images)
    const opened = await openModel(target!, { backend: flags.backend, plugins: flags.plugin })
    const { description, model, file, run } = opened
    // as the run's own measurements see images
    const inference = inferenceFrom(flags, run?.config.inference ?? {})
    // all of them once before the first is written, so that a broken file is found at the start
    for (const image of images) await requireReadable(image, description.inChannels)
    await prepareOutput(out)
    const progress = await PredictionProgress.open(out, { model: file, inference, resume: flags.resume })
    started()

    const { classes } = description
    const rows: string[][] = [['image', ...classes.map(({ name }) => `${name} %`)]]
    for (const [index, name] of names.entries()) {
      const image = images[index]!
      const count = showCount(terminal, `rows of ${image}`)
      const shares = await predictImage({
        image,
        name,
        out,
        description,
        model,
        inference,
        tiff: flags.tiff,
        begun: await progress.of(image),
        save: (done) => progress.save(image, done),
        show: count.show,
      })
      count.end()
      rows.push([image, ...shares.map(percent)])
    }
    await writeJson(
      join(out, 'classes.json'),
      classes.map(({ name, color }, id) => ({ id, name, color })),
    )
    await progress.remove()
    model.dispose()
    terminal.out(`${textTable(rows)}\n\nmasks, overlays and classes.json: ${out}`)
    return 0
  },
})

/** File names without folder and extension; two images may not end up in one file. */
function outputNames(files: readonly string[]): string[] {
  const names = files.map((file) => parse(file).name)
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice < 0) return names
  throw new ConfigError('usage/same-name', `two images are named "${names[twice]}"`, {
    received: files.filter((_, index) => names[index] === names[twice]).join(', '),
    hint: 'predict them in two calls, with an --out each',
  })
}

async function requireReadable(image: string, channels: number): Promise<void> {
  const reader = await openRegionReader(image)
  fileSource(image, reader, channels)
  await reader.close()
}

async function prepareOutput(path: string): Promise<void> {
  try {
    await makeDirectory(path)
  } catch (error) {
    throw new DataError('predict/unwritable', `${path}: cannot be written`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      hint: 'choose another place with --out',
      cause: error,
    })
  }
}
