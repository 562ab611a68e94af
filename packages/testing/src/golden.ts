import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FormatError, parseSafetensors, type StoredTensor } from '@limbeck/core'

/** The cases that come with this package; its README says what each loss means. */
export const GOLDEN_DIRECTORY = fileURLToPath(new URL('../golden', import.meta.url))

/** Inputs, value and gradients of one loss, from definitions that agree with the official code of the papers. */
export interface GoldenCase {
  /** The file it comes from: `supervised`, `distillation`, `continual`, … */
  readonly family: string
  readonly name: string
  readonly loss: string
  readonly options: Readonly<Record<string, unknown>>
  /** Maps [B,H,W,C] in float32, labels [B,H,W] in int32. */
  readonly inputs: Readonly<Record<string, StoredTensor>>
  readonly value: number
  /** Of every input that receives one. */
  readonly gradients: Readonly<Record<string, StoredTensor>>
  readonly ignoreLabel: number
}

interface FamilyFile {
  readonly layout: string
  readonly ignoreIndex: number
  readonly cases: readonly (Pick<GoldenCase, 'name' | 'loss' | 'options' | 'value'> & {
    readonly inputs: Readonly<Record<string, string>>
    readonly gradients: Readonly<Record<string, string>>
  })[]
}

/**
 * All cases of a directory of `<family>.json` and `<family>.safetensors`, in the order of the files; `loss` keeps
 * those of one loss. Throws `FormatError` when a case names a tensor that is not there.
 */
export function* goldenCases({
  directory = GOLDEN_DIRECTORY,
  loss,
}: {
  readonly directory?: string
  readonly loss?: string
} = {}): Generator<GoldenCase> {
  const families = readdirSync(directory).flatMap((file) =>
    file.endsWith('.json') ? [file.slice(0, -5)] : [],
  )
  for (const family of families.sort()) yield* familyCases(directory, family, loss)
}

function* familyCases(directory: string, family: string, loss: string | undefined): Generator<GoldenCase> {
  const { layout, ignoreIndex, cases } = JSON.parse(
    readFileSync(join(directory, `${family}.json`), 'utf8'),
  ) as FamilyFile
  if (layout !== 'NHWC') {
    throw new FormatError('golden/layout', `golden family "${family}"`, {
      expected: 'layout NHWC',
      received: layout,
    })
  }
  const wanted = cases.filter((one) => loss === undefined || one.loss === loss)
  if (wanted.length === 0) return
  const file = join(directory, `${family}.safetensors`)
  const { tensors } = parseSafetensors(readFileSync(file), file)
  for (const { inputs, gradients, ...rest } of wanted) {
    const named = (keys: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, find(tensors, key, rest.name)]))
    yield { ...rest, family, ignoreLabel: ignoreIndex, inputs: named(inputs), gradients: named(gradients) }
  }
}

function find(tensors: ReadonlyMap<string, StoredTensor>, key: string, name: string): StoredTensor {
  const tensor = tensors.get(key)
  if (tensor) return tensor
  throw new FormatError(
    'golden/missing-tensor',
    `golden case "${name}" names a tensor that its file lacks: ${key}`,
  )
}
