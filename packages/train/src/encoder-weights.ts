import { readFile } from 'node:fs/promises'
import { DataError, type Model } from '@limbeck/core'
import { importWeights, parseWeights } from '@limbeck/models'

/**
 * Reads weights that a student's encoder starts with: a safetensors file of PyTorch (a classification or
 * segmentation network) or a checkpoint. What comes back fills a model's encoder. Throws `DataError` or `FormatError`.
 */
export async function readEncoderWeights(path: string): Promise<(model: Model) => void> {
  const tensors = parseWeights(await readBytes(path), path)
  return (model) => void importWeights(model, tensors, { part: 'encoder', from: path })
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new DataError('weights/unreadable', `${path}: the weights cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}
