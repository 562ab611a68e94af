import { writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { ConfigError, DataError, type Model, type Sample, type Split } from '@limbeck/core'
import { decodeImage, maskPng, overlayPng } from '@limbeck/data'
import { inferenceSchema, makeDirectory, predictSplit } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { modelArgument, openModel } from '../open-model.ts'
import { pluginFlag } from '../plugins.ts'
import { percent } from '../progress/format.ts'
import { textTable } from '../text-table.ts'

export const predict = defineCommand({
  name: 'predict',
  summary: 'Segments images with a trained model',
  details: [
    'For each image, of any size: NAME.mask.png, whose pixels are class numbers, and NAME.overlay.png, the image',
    'with the classes in colour. classes.json names the numbers.',
  ].join('\n'),
  arguments: [modelArgument, { name: 'IMAGE', summary: 'PNG, JPEG, TIFF or WebP', many: true }],
  flags: {
    out: { takes: 'DIR', summary: 'where the pictures go (default: predictions)' },
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …' },
    plugin: pluginFlag,
  },
  async run({ args: [target, ...files], flags, terminal, started }) {
    const out = flags.out ?? 'predictions'
    const names = outputNames(files)
    const { description, model } = await openModel(target!, {
      backend: flags.backend,
      plugins: flags.plugin,
    })
    const split = imageSplit(files, description.inChannels)
    // all of them once before the first is written, so that a broken file is found at the start
    for (const index of files.keys()) await split.read(index)
    await prepareOutput(out)
    started()

    const { classes } = description
    const colors = classes.map(({ color }) => color)
    const rows: string[][] = [['image', ...classes.map(({ name }) => `${name} %`)]]
    for (const [index, name] of names.entries()) {
      const sample = await split.read(index)
      const labels = await segment(model, sample)
      await writeFile(join(out, `${name}.mask.png`), await maskPng(labels, sample))
      await writeFile(join(out, `${name}.overlay.png`), await overlayPng(labels, sample, colors))
      rows.push([files[index]!, ...shares(labels, classes.length).map(percent)])
    }
    const legend = classes.map(({ name, color }, id) => ({ id, name, color }))
    await writeFile(join(out, 'classes.json'), `${JSON.stringify(legend, null, 2)}\n`)
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

/** Image files as a split without labels, in the channels that the model takes. */
function imageSplit(files: readonly string[], channels: number): Split {
  if (channels !== 1 && channels !== 3) {
    throw new DataError('predict/channels', 'image files cannot feed this model', {
      expected: 'a model of 1 or 3 channels',
      received: `${channels} channels`,
    })
  }
  return {
    name: 'images',
    ids: files,
    async read(index) {
      const id = files[index]!
      const { width, height, data } = await decodeImage(id, { colour: channels === 3 })
      return { id, width, height, channels, image: data, labels: new Uint8Array(width * height) }
    },
  }
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

async function segment(model: Model, sample: Sample): Promise<Uint8Array> {
  const alone: Split = { name: sample.id, ids: [sample.id], read: async () => sample }
  const inference = { ...inferenceSchema.parse({}), batchSize: 1 }
  for await (const { predicted } of predictSplit(model, alone, inference)) return predicted
  throw new Error('unreachable: a split of one image gives one map')
}

/** The part of the pixels that each class has, 0..1. */
function shares(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label]!++
  return counts.map((count) => count / labels.length)
}
