import { BackendError, type TensorInfo } from '@limbeck/core'
import { MAX_RANK, type NativeKernelName, narrowForms, nativeKernels } from './native-kernels.ts'

type Bare<Name extends string> = Name extends `${infer B}...`
  ? B
  : Name extends `${infer B}[]`
    ? B
    : Name extends `${infer B}?`
      ? B
      : Name

/** Numbers by name; arrays where the name ends in `[]` or `...`. A flag counts as 1 or 0. */
type Numbers<Names extends readonly string[]> = {
  readonly [Name in Names[number] as Bare<Name>]: Name extends `${string}[]` | `${string}...`
    ? readonly number[]
    : number | boolean
}

type Buffers<Names> = Names extends readonly string[]
  ? { readonly [Name in Names[number] as Name extends `${string}?` ? never : Name]: TensorInfo } & {
      readonly [Name in Names[number] as Name extends `${string}?` ? Bare<Name> : never]?:
        | TensorInfo
        | undefined
    }
  : readonly (TensorInfo | undefined)[]

type KernelOf<K extends NativeKernelName> = (typeof nativeKernels)[K]

export type KernelBuffers<K extends NativeKernelName> = Buffers<KernelOf<K>['buffers']>
export type KernelInts<K extends NativeKernelName> = Numbers<KernelOf<K>['ints']>
export type KernelReals<K extends NativeKernelName> = Numbers<KernelOf<K>['reals']>

/** How one parameter is written: a number, `MAX_RANK` numbers of which the last stand for axes of length 1, or a tail. */
export interface Field {
  readonly name: string
  readonly kind: 'number' | 'axes' | 'tail'
}

function fieldOf(name: string): Field {
  if (name.endsWith('...')) return { name: name.slice(0, -3), kind: 'tail' }
  if (name.endsWith('[]')) return { name: name.slice(0, -2), kind: 'axes' }
  return { name, kind: 'number' }
}

export interface KernelFields {
  /** Nothing where the buffers are a list. */
  readonly buffers: readonly string[] | undefined
  readonly ints: readonly Field[]
  readonly reals: readonly Field[]
  /** The sets of `narrowForms`, each as a mask of its buffers' numbers; −1: all buffers of a list. */
  readonly narrowSets: readonly number[]
}

function narrowSetsOf(kernel: NativeKernelName, buffers: readonly string[] | undefined): readonly number[] {
  const forms = narrowForms[kernel] ?? []
  if (forms === 'list') return [-1]
  return forms.map((names) => names.reduce((mask, name) => mask | (1 << buffers!.indexOf(name)), 0))
}

/** The fields of every native kernel, in the order in which they are written. */
export const kernelFields: Readonly<Record<string, KernelFields>> = Object.fromEntries(
  Object.entries(nativeKernels).map(([kernel, { buffers, ints, reals }]) => {
    const names = buffers === 'list' ? undefined : buffers.map((name) => name.replace('?', ''))
    return [
      kernel,
      {
        buffers: names,
        ints: ints.map(fieldOf),
        reals: reals.map(fieldOf),
        narrowSets: narrowSetsOf(kernel as NativeKernelName, names),
      },
    ]
  }),
)

/** Writes numbers by name to the start of an array and returns how many. Throws `BackendError` where they do not fit. */
export function writeNumbers(
  fields: readonly Field[],
  numbers: Readonly<Record<string, number | boolean | readonly number[]>>,
  to: Float64Array | Int32Array,
): number {
  let at = 0
  for (const { name, kind } of fields) {
    const value = numbers[name]!
    if (kind === 'number') to[at++] = Number(value)
    else {
      const list = value as readonly number[]
      const length = kind === 'axes' ? MAX_RANK : list.length
      if (at + length > to.length) throw tooMany(at + length, to.length)
      for (let i = 0; i < length; i++) to[at++] = list[i] ?? 1
    }
  }
  return at
}

/** For launches that need more room than the addon's block of arguments has. */
export const tooMany = (wanted: number, room: number): BackendError =>
  new BackendError(
    'native/too-many-arguments',
    'a kernel is launched with more than the addon has room for',
    {
      expected: `at most ${room} buffers, integers or reals`,
      received: String(wanted),
    },
  )
