import { writeFile } from 'node:fs/promises'
import {
  ConfigError,
  type Dataset,
  IGNORE_LABEL,
  Random,
  type Sample,
  type Split,
  unknownName,
} from '@limbeck/core'
import { contactSheet, overlayPng, type Picture, type Rgb } from '@limbeck/data'
import { applyOverrides, augmentation, batchSchema } from '@limbeck/train'
import { defineCommand } from '../../command.ts'
import { dataArgument, dataFlags, openDataSource } from '../../data-source.ts'

const IGNORED: Rgb = [128, 128, 128]

export const preview = defineCommand({
  name: 'data preview',
  summary: 'Draws images of a data set as training would see them, with their masks, on one PNG',
  details: [
    'A row for each image: as it is, its mask over it, then variants of augmentation, their masks over them. With a',
    'config, its batch settings are shown; --set changes them: --set augment.stain=0.2 --set crop=128.',
  ].join('\n'),
  arguments: [dataArgument],
  flags: {
    ...dataFlags,
    split: { takes: 'NAME', summary: 'whose images to draw (default: the first split)' },
    count: { takes: 'N', summary: 'images to draw (default: 6)' },
    variants: { takes: 'N', summary: 'augmented variants of each (default: 6)' },
    seed: { takes: 'N', summary: 'other seeds draw other images and variants (default: 0)' },
    set: { takes: 'KEY=VALUE', many: true, summary: 'a setting of batch: --set augment.elastic=2' },
    out: { takes: 'FILE', summary: 'the picture (default: preview.png)' },
  },
  async run({ args: [target], flags, terminal, started }) {
    const count = wholeNumber('count', flags.count ?? '6')
    const variants = wholeNumber('variants', flags.variants ?? '6')
    const random = new Random(flags.seed ?? '0').fork('preview')
    const out = flags.out ?? 'preview.png'
    const { dataset, batch } = await openDataSource(target, flags)
    const apply = augmentation(parseBatch(applyOverrides({ ...batch }, flags.set)))
    const split = splitOf(dataset, flags.split)
    started()

    const indexes = random.permutation(split.ids.length).slice(0, count)
    const palette = paletteOf(dataset)
    const rows = await Promise.all(
      indexes.map(async (index) => {
        const sample = await split.read(index)
        const drawn = Array.from({ length: variants }, (_, k) => apply(sample, random.fork(sample.id, k)))
        return Promise.all([
          picture({ ...sample, labels: new Uint8Array(sample.labels.length) }, palette),
          ...[sample, ...drawn].map((one) => picture(one, palette)),
        ])
      }),
    )
    await writeFile(out, await contactSheet(rows))
    terminal.out(`${out}: ${indexes.map((index) => split.ids[index]).join(', ')}`)
    return 0
  },
})

function wholeNumber(flag: string, given: string): number {
  if (/^[1-9]\d{0,3}$/.test(given)) return Number(given)
  throw new ConfigError('usage/number', `limbeck data preview: --${flag} is no count`, {
    expected: 'a whole number from 1 to 9999',
    received: given,
  })
}

function parseBatch(value: unknown): ReturnType<typeof batchSchema.parse> {
  const result = batchSchema.safeParse(value)
  if (result.success) return result.data
  const lines = result.error.issues.map(({ message, path }) => `${message} at batch.${path.join('.')}`)
  throw new ConfigError('config/invalid', `limbeck data preview: ${lines.join('; ')}`)
}

function splitOf({ name, splits }: Dataset, asked: string | undefined): Split {
  const filled = [...splits.values()].find(({ ids }) => ids.length > 0)
  const split = asked === undefined ? filled : splits.get(asked)
  if (split) return split
  throw unknownName('data/unknown-split', `data set "${name}" has no such split`, asked ?? '', splits.keys())
}

/** A colour for every label that may occur. */
function paletteOf({ classes }: Dataset): Rgb[] {
  const palette = new Array<Rgb>(IGNORE_LABEL + 1).fill(IGNORED)
  for (const { id, color } of classes) palette[id] = color
  return palette
}

const picture = async (sample: Sample, palette: readonly Rgb[]): Promise<Picture> => ({
  png: await overlayPng(sample.labels, sample, palette),
  width: sample.width,
  height: sample.height,
})
