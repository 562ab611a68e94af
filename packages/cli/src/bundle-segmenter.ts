import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { LimbeckError, type Model, readState, serializeSafetensors } from '@limbeck/core'
import * as models from '@limbeck/models'
import { modelsPlugin } from '@limbeck/models'
import type { ModelDescription } from '@limbeck/train'
import { build, type Plugin } from 'esbuild'
import { networkInput } from './network-input.ts'

/** Contents of files by name. */
export type Files = ReadonlyMap<string, Uint8Array | string>

/**
 * A model for a web page: `model.js`, one ES module with the network and all that it needs;
 * `weights.safetensors`; `index.html`, which tries it on a picture. Throws `LimbeckError` when the model comes from a plugin.
 */
export async function bundleSegmenter(model: Model, description: ModelDescription): Promise<Files> {
  return new Map<string, Uint8Array | string>([
    ['model.js', await bundled(entryOf(description))],
    ['weights.safetensors', serializeSafetensors({ tensors: await readState(model), metadata: {} })],
    ['index.html', await readFile(new URL('../templates/segmenter.html', import.meta.url), 'utf8')],
  ])
}

/** The module before bundling. With the reference backend the network also runs on a page that has no other. */
function entryOf({ model, inChannels, classes }: ModelDescription): string {
  const description = { options: model.options, inChannels, classes, input: networkInput }
  return `
    import { registerRef } from '@limbeck/backend-ref'
    import { tf } from '@limbeck/core'
    import { ${exportOf(model.use)} as network, PageSegmenter } from '@limbeck/models'

    const description = ${JSON.stringify(description)}
    async function nearby(file) {
      const response = await fetch(new URL(file, import.meta.url))
      if (!response.ok) throw new Error(file + ': ' + response.status)
      return new Uint8Array(await response.arrayBuffer())
    }

    export const classes = description.classes

    /** backend: the name of a tfjs backend that the page has loaded; default: the best of them. */
    export async function load({ backend, weights } = {}) {
      registerRef()
      if (backend === undefined) await tf.ready()
      else if (!(await tf.setBackend(backend))) throw new Error('no backend "' + backend + '" starts here')
      return new PageSegmenter(network, description, weights ?? (await nearby('weights.safetensors')))
    }
  `
}

/** The name by which the models package exports a network. */
function exportOf(use: string): string {
  const name = use.split('/').at(-1)
  const factory = modelsPlugin.models?.find(({ spec }) => spec.name === name)
  const found = Object.entries(models).find(([, value]) => value === factory)
  if (factory && found) return found[0]
  throw new LimbeckError('export/plugin-model', `model "${use}" comes from a plugin and cannot be bundled`, {
    hint: '--format onnx exports any model',
  })
}

async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    // packages ship their sources, which leave out more of what is not used
    conditions: ['@limbeck/source'],
    plugins: [utilEverywhere],
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

/** tfjs-core takes three things from Node's `util` when it runs there; browsers and Node have them anyway. */
const utilEverywhere: Plugin = {
  name: 'util-everywhere',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^util$/ }, () => ({ path: 'util', namespace: 'util-everywhere' }))
    onLoad({ filter: /.*/, namespace: 'util-everywhere' }, () => ({ contents: UTIL }))
  },
}

const UTIL = `
  export const { TextEncoder, TextDecoder } = globalThis
  export const types = {
    isFloat32Array: (x) => x instanceof Float32Array,
    isInt32Array: (x) => x instanceof Int32Array,
    isUint8Array: (x) => x instanceof Uint8Array,
    isUint8ClampedArray: (x) => x instanceof Uint8ClampedArray,
  }
`
