import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { LimbeckError, type Model, readState, serializeSafetensors } from '@limbeck/core'
import { normalise } from '@limbeck/data'
import * as models from '@limbeck/models'
import type { ModelDescription } from '@limbeck/train'
import { build } from 'esbuild'

/** Files by name. */
export type Files = ReadonlyMap<string, Uint8Array | string>

/** What networks see of a value in 0..1, as `scale · value + offset`. */
export const networkInput = { scale: normalise(1) - normalise(0), offset: normalise(0) }

/**
 * A model for a web page: `model.js`, one ES module with the network and all that it needs, `weights.safetensors`, and
 * `index.html`, which tries it on a picture. Throws `LimbeckError` when the model comes from a plugin.
 */
export async function bundleSegmenter(model: Model, description: ModelDescription): Promise<Files> {
  const weights = serializeSafetensors({ tensors: await readState(model), metadata: {} })
  const page = await readFile(new URL('./templates/segmenter.html', import.meta.url), 'utf8').catch(() => PAGE)
  return new Map<string, Uint8Array | string>([
    ['model.js', await bundled(entryOf(description))],
    ['weights.safetensors', weights],
    ['index.html', page],
  ])
}
