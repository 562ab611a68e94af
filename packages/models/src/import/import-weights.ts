import {
  FormatError,
  type LoadReport,
  loadState,
  type Model,
  type Module,
  type StoredTensor,
  unknownName,
} from '@limbeck/core'
import { type CheckpointFormat, COUNTERS, checkpointFormats, WRAPPERS } from './checkpoint-formats.ts'
import { encoderOf } from './encoder-of.ts'

type Tensors = ReadonlyMap<string, StoredTensor>

export interface ImportOptions {
  /** A format's name. Default: the one that fits the model best. */
  readonly format?: string
  /** `encoder`: fill the encoder alone, leave the rest as it is. Default `model`, where the format holds one. */
  readonly part?: 'model' | 'encoder'
  /** The file in error messages. */
  readonly from?: string
}

export interface ImportReport extends LoadReport {
  readonly format: string
  /** What was filled: all of the model or its encoder; names in this report are those of the part. */
  readonly part: 'model' | 'encoder'
  /** Names in the file that the format leaves out, and with `part: 'encoder'` those of the rest. */
  readonly ignored: readonly string[]
}

/**
 * Puts weights of PyTorch into a model, all or nothing, with the names of other code turned into ours. Strict:
 * throws `FormatError` that lists what is missing, unexpected or of another shape in the part that is filled.
 */
export function importWeights(
  model: Model,
  tensors: Tensors,
  { format, part = 'model', from = 'weights' }: ImportOptions = {},
): ImportReport {
  const bare = unwrapped(tensors)
  const formats = format === undefined ? checkpointFormats : [formatNamed(format)]
  const readings = formats.map((one) => read(bare, one, { model, part }))
  const best = readings.reduce((a, b) => (fit(b) > fit(a) ? b : a))
  if (best.known === 0) throw nothingKnown(bare, best.target, from)
  const { loaded, missing, unexpected } = loadState(best.target, best.tensors, { from })
  return { loaded, missing, unexpected, format: best.format, part: best.part, ignored: best.ignored }
}

/** The weights of a model under the names of a format. Throws `UnknownNameError` or `FormatError`. */
export function exportNames(state: Tensors, { format: name }: { readonly format: string }): Tensors {
  const { renames, holds } = formatNamed(name)
  if (holds === 'encoder') {
    throw new FormatError('export/encoder-format', `format "${name}" is one of classification networks`, {
      hint: 'a segmentation network can read it, but not be written in it',
    })
  }
  const back = renames.map(([theirs, ours]) => [ours, theirs] as const)
  return new Map([...state].map(([own, tensor]) => [renamed(own, back), tensor]))
}

/** A file as one format understands it. */
interface Reading {
  readonly format: string
  readonly part: 'model' | 'encoder'
  readonly target: Module
  /** Under the target's names. */
  readonly tensors: Tensors
  readonly ignored: readonly string[]
  /** How many of the names the target has. */
  readonly known: number
}

function read(
  file: Tensors,
  { name: format, holds, renames, ignores }: CheckpointFormat,
  at: { readonly model: Model; readonly part: 'model' | 'encoder' },
): Reading {
  const part = holds === 'encoder' ? 'encoder' : at.part
  const { module: target, prefix } =
    part === 'encoder' ? encoderOf(at.model) : { module: at.model, prefix: '' }
  // a file that holds an encoder alone has nothing before its names
  const before = holds === 'encoder' ? '' : prefix
  const tensors = new Map<string, StoredTensor>()
  const ignored: string[] = []
  for (const [theirs, tensor] of file) {
    const ours = renamed(theirs, renames)
    const left = theirs.endsWith(COUNTERS) || ignores.some((start) => theirs.startsWith(start))
    if (left || !ours.startsWith(before)) ignored.push(theirs)
    else tensors.set(ours.slice(before.length), tensor)
  }
  const names = namesOf(target)
  const known = [...tensors.keys()].filter((name) => names.has(name)).length
  return { format, part, target, tensors, ignored, known }
}

/** Names that the target has less names that it lacks: two formats may differ in what they ignore alone. */
const fit = ({ known, tensors }: Reading): number => 2 * known - tensors.size

const namesOf = (module: Module): ReadonlySet<string> =>
  new Set([...module.parameters().keys(), ...module.buffers().keys()])

function renamed(name: string, renames: readonly (readonly [from: string, to: string])[]): string {
  const fitting = renames.find(([from]) => name.startsWith(from))
  return fitting ? fitting[1] + name.slice(fitting[0].length) : name
}

/** Without what a wrapper puts before every name, as often as there is one. */
function unwrapped(tensors: Tensors): Tensors {
  const names = [...tensors.keys()]
  const wrapper = WRAPPERS.find(
    (prefix) => names.length > 0 && names.every((name) => name.startsWith(prefix)),
  )
  if (wrapper === undefined) return tensors
  return unwrapped(new Map([...tensors].map(([name, tensor]) => [name.slice(wrapper.length), tensor])))
}

function formatNamed(name: string): CheckpointFormat {
  const found = checkpointFormats.find((format) => format.name === name)
  if (found) return found
  const names = checkpointFormats.map((format) => format.name)
  throw unknownName('import/unknown-format', `no checkpoint format is named "${name}"`, name, names)
}

function nothingKnown(tensors: Tensors, target: Module, from: string): FormatError {
  const first = (names: Iterable<string>) => [...names].slice(0, 3).join(', ')
  return new FormatError('import/other-model', `${from}: no name in the file is one of the model's`, {
    expected: `names such as ${first(namesOf(target))}`,
    received: first(tensors.keys()) || 'no tensors',
    hint: `known formats: ${checkpointFormats.map(({ name }) => name).join(', ')}`,
  })
}
