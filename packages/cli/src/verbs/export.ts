import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigError, readState, serializeSafetensors, unknownName } from '@limbeck/core'
import { makeDirectory } from '@limbeck/data'
import { exportNames, exportOnnx } from '@limbeck/models'
import { bundleSegmenter, type Files } from '../bundle-segmenter.ts'
import { defineCommand } from '../command.ts'
import { networkInput } from '../network-input.ts'
import { modelArgument, type OpenedModel, openModel } from '../open-model.ts'
import { pluginFlag } from '../plugins.ts'

export const exportVerb = defineCommand({
  name: 'export',
  summary: 'Writes a trained model for PyTorch, ONNX or a web page',
  details: [
    'safetensors: weights under the names of PyTorch code, as --names says.',
    'onnx: one file, operator set 18; input "image" [batch, channels, height, width], values in 0..1; output',
    '"logits" of the same size. Height and width are those of --size.',
    'tfjs: a folder with an ES module that takes pictures of any size, its weights and a page to try it.',
  ].join('\n'),
  arguments: [modelArgument],
  flags: {
    format: { takes: 'NAME', summary: 'safetensors, onnx or tfjs' },
    out: { takes: 'PATH', summary: 'the file, or for tfjs the folder' },
    names: { takes: 'FORMAT', summary: 'safetensors: whose names (limbeck import --help; default: limbeck)' },
    size: { takes: 'HxW', summary: 'onnx: size of the images (default: 256x256)' },
    plugin: pluginFlag,
  },
  async run({ args: [target], flags, terminal, started }) {
    const write = writers[flags.format ?? ''] ?? unknownFormat(flags.format)
    const { out } = flags
    if (out === undefined) throw new ConfigError('usage/missing-flag', 'limbeck export: --out is missing')
    const size = sizeOf(flags.size ?? '256x256')
    const opened = await openModel(target!, { backend: 'ref', plugins: flags.plugin })
    const { stains } = opened.description
    if (stains) {
      terminal.error(
        `the model learnt from images whose stains were normalised (${stains}): what is exported does not do that, ` +
          'so whoever uses it has to',
      )
    }
    const files = await write(opened, { out, size, names: flags.names ?? 'limbeck' })
    started()
    for (const [path, content] of files) {
      await makeDirectory(dirname(path))
      await writeFile(path, content)
      terminal.out(path)
    }
    opened.model.dispose()
    return 0
  },
})

interface Destination {
  readonly out: string
  readonly size: { readonly height: number; readonly width: number }
  readonly names: string
}

type Writer = (opened: OpenedModel, at: Destination) => Promise<Files>

const writers: Readonly<Record<string, Writer>> = {
  async safetensors({ model }, { out, names }) {
    const tensors = exportNames(await readState(model), { format: names })
    return new Map([[out, serializeSafetensors({ tensors, metadata: { format: 'pt' } })]])
  },
  async onnx({ model, description: { inChannels, classes } }, { out, size }) {
    const metadata = { classes: JSON.stringify(classes.map(({ name }) => name)) }
    return new Map([[out, await exportOnnx(model, { ...size, inChannels, input: networkInput, metadata })]])
  },
  async tfjs({ model, description }, { out }) {
    const files = await bundleSegmenter(model, description)
    return new Map([...files].map(([name, content]) => [join(out, name), content]))
  },
}

function unknownFormat(given: string | undefined): never {
  const known = Object.keys(writers)
  if (given === undefined) {
    throw new ConfigError('usage/missing-flag', 'limbeck export: --format is missing', {
      expected: known.join(', '),
    })
  }
  throw unknownName('usage/unknown-format', `limbeck export: no format is named "${given}"`, given, known)
}

function sizeOf(given: string): Destination['size'] {
  const [, height, width] = /^([1-9]\d*)x([1-9]\d*)$/.exec(given) ?? []
  if (height && width) return { height: Number(height), width: Number(width) }
  throw new ConfigError('usage/size', 'limbeck export: --size takes height and width', {
    expected: '256x256',
    received: given,
  })
}
