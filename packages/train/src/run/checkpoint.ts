import { readFile } from 'node:fs/promises'
import {
  DataError,
  FormatError,
  hasTwinBranches,
  loadState,
  type Model,
  parseSafetensors,
  Random,
  type Registry,
  readState,
  type StoredTensor,
  serializeSafetensors,
  z,
} from '@limbeck/core'
import { writeAtomically } from '@limbeck/data'

/** What a checkpoint says about its model besides the weights: enough to build it again and to use it. */
const descriptionSchema = z.object({
  model: z.object({ use: z.string(), options: z.record(z.string(), z.unknown()) }),
  inChannels: z.int().positive(),
  /** Names in the order of the logits, background first, with the colours that pictures use. */
  classes: z.array(z.object({ name: z.string(), color: z.tuple([z.number(), z.number(), z.number()]) })),
  /** How the stains of the images were made alike that it learnt from; absent where they were not. */
  stains: z.enum(['macenko', 'reinhard']).optional(),
})

export type ModelDescription = z.output<typeof descriptionSchema>

export interface Checkpoint {
  readonly description: ModelDescription
  readonly model: Model
}

/** Saves a model: weights by dotted name in PyTorch's layout, the description as metadata. */
export async function saveCheckpoint(
  path: string,
  model: Model,
  description: ModelDescription,
): Promise<void> {
  const bytes = serializeSafetensors({
    tensors: await readState(model),
    metadata: { limbeck: JSON.stringify(description) },
  })
  await writeAtomically(path, bytes)
}

/** Builds the model that a checkpoint describes and loads its weights. Throws `DataError` or `FormatError`. */
export async function loadCheckpoint(path: string, registry: Registry): Promise<Checkpoint> {
  const { tensors, metadata } = parseSafetensors(await readBytes(path), path)
  const description = parseDescription(metadata.limbeck, path)
  const { use, options } = description.model
  const factory = registry.get('models', use, path)
  const model = factory({
    ...options,
    classes: description.classes.length,
    inChannels: description.inChannels,
    random: new Random(0),
  })
  try {
    if (hasTwinBranches(model) && hasMore(tensors, model)) model.split()
    loadState(model, tensors, { from: path })
  } catch (error) {
    model.dispose()
    throw error
  }
  return { description, model }
}

/** Whether a checkpoint was saved in the midst of a task, while the branches of its model were apart. */
function hasMore(tensors: ReadonlyMap<string, StoredTensor>, model: Model): boolean {
  return tensors.size > model.parameters().size + model.buffers().size
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new DataError('checkpoint/unreadable', `${path}: the checkpoint cannot be read`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

function parseDescription(text: string | undefined, path: string): ModelDescription {
  try {
    return descriptionSchema.parse(JSON.parse(text ?? 'null'))
  } catch (error) {
    throw new FormatError('checkpoint/no-description', `${path}: not a checkpoint of Limbeck`, {
      expected: 'metadata "limbeck" with the model, its options and its classes',
      received: text === undefined ? 'none' : 'something else',
      cause: error,
    })
  }
}
