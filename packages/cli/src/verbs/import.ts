import { readFile } from 'node:fs/promises'
import { ConfigError, DataError, selectBackend } from '@limbeck/core'
import { paletteColor } from '@limbeck/data'
import { checkpointFormats, importWeights, parseWeights } from '@limbeck/models'
import { applyOverrides, createRegistry, type ModelDescription, saveCheckpoint } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { loadPlugins, pluginFlag } from '../plugins.ts'
import { textTable } from '../text-table.ts'

export const importVerb = defineCommand({
  name: 'import',
  summary: 'Turns weights of PyTorch into a checkpoint',
  details: [
    'Every name and shape has to fit; what does not is listed. A .pt or .pth file has to be converted to',
    'safetensors first; the message says how. The checkpoint can be a teacher or be evaluated. Formats:',
    textTable(
      checkpointFormats.map(({ name, summary }) => [name, summary]),
      { align: 'left', indent: 2 },
    ),
  ].join('\n'),
  arguments: [{ name: 'FILE', summary: 'a .safetensors file' }],
  flags: {
    model: { takes: 'NAME', summary: 'the network (limbeck list models)' },
    set: { takes: 'KEY=VALUE', many: true, summary: 'an option of the network: --set encoder=resnet-34' },
    classes: { takes: 'N|NAMES', summary: 'how many, or their names, background first: background,nucleus' },
    channels: { takes: 'N', summary: 'channels of the images (default: 3)' },
    out: { takes: 'FILE', summary: 'where the checkpoint goes' },
    format: { takes: 'NAME', summary: 'whose names the file has (default: found out)' },
    encoder: { summary: 'take the encoder alone; the rest starts afresh' },
    plugin: pluginFlag,
  },
  async run({ args: [file], flags, terminal, started }) {
    const [use, out] = [required(flags.model, 'model'), required(flags.out, 'out')]
    const classes = classesOf(required(flags.classes, 'classes'))
    const inChannels = flags.channels === undefined ? 3 : count(flags.channels, 'channels')
    const options = applyOverrides({}, flags.set)
    const tensors = parseWeights(await bytesOf(file!), file!)
    const factory = createRegistry(await loadPlugins(flags.plugin)).get('models', use, '--model')
    await selectBackend({ argument: 'ref' })
    const model = factory({ ...options, classes: classes.length, inChannels })
    const report = importWeights(model, tensors, {
      from: file!,
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(flags.encoder ? { part: 'encoder' } : {}),
    })
    started()
    await saveCheckpoint(out, model, { model: { use, options }, inChannels, classes })
    model.dispose()
    const { loaded, ignored, format, part } = report
    terminal.out(
      textTable(
        [
          ['checkpoint', out],
          ['filled', `${part === 'model' ? 'all of the model' : 'its encoder'}, ${loaded.length} tensors`],
          ['format', format],
          ['left out', ignored.length === 0 ? 'nothing' : abridged(ignored)],
        ],
        { align: 'left' },
      ),
    )
    return 0
  },
})

function required(value: string | undefined, flag: string): string {
  if (value !== undefined) return value
  throw new ConfigError('usage/missing-flag', `limbeck import: --${flag} is missing`, {
    hint: 'limbeck import deeplab.safetensors --model deeplab-v3 --classes 21 --out teacher.safetensors',
  })
}

function classesOf(given: string): ModelDescription['classes'] {
  const names = /^\d+$/.test(given)
    ? Array.from({ length: count(given, 'classes') }, (_, id) => (id === 0 ? 'background' : `class ${id}`))
    : given.split(',').map((name) => name.trim())
  return names.map((name, id) => ({ name, color: [...paletteColor(id)] as [number, number, number] }))
}

function count(given: string, flag: string): number {
  const value = Number(given)
  if (Number.isInteger(value) && value > 0) return value
  throw new ConfigError('usage/number', `limbeck import: --${flag} takes a number`, {
    expected: 'an integer above 0',
    received: given,
  })
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new DataError('import/unreadable', `${file}: cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

/** How many names a line shows. */
const SHOWN = 3

const abridged = (names: readonly string[]): string =>
  `${names.length} tensors: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ', …' : ''}`
