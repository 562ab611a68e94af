import { FormatError, formatShape, UnknownNameError, unknownName } from '@limbeck/core'
import type { Dataset as Hdf5Dataset, File as Hdf5File } from 'h5wasm'
import { ELEMENT_BYTES, type Elements } from './element-type.ts'
import { elementCount, type NumericArray } from './numeric-array.ts'

/** An array or a chunk of it beyond this is refused before memory is taken. */
const MOST_BYTES = 2 ** 29

interface Library {
  readonly File: typeof Hdf5File
  readonly fileSystem: { writeFile(name: string, bytes: Uint8Array): void; unlink(name: string): void }
}

let library: Promise<Library> | undefined
let loaded = 0
let opened = 0

/**
 * Reads arrays of an HDF5 file (h5py's, MATLAB 7.3's) by name; groups are separated by slashes. The library sees
 * the bytes alone and no file system, so that links to other files lead nowhere. Throws `FormatError` that begins
 * with `where`, and `UnknownNameError` that lists the names there are.
 */
export async function readHdf5<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
  where: string,
): Promise<Record<Name, NumericArray>> {
  try {
    return await attempt(bytes, names, where).catch((error: Error) => {
      if (!isTrap(error)) throw error
      // Each error that the library throws leaves a little of its stack in use, until that is at an end: with memory of
      // its own a sound file can be read.
      library = undefined
      return attempt(bytes, names, where)
    })
  } catch (error) {
    if (isTrap(error as Error)) library = undefined
    if (error instanceof FormatError || error instanceof UnknownNameError) throw error
    throw new FormatError('hdf5/damaged', `${where}: cannot be read as HDF5`, {
      received: (error as Error).message.split('\n')[0]!,
      hint: 'is the file complete?',
      cause: error,
    })
  }
}

/** Whether WebAssembly itself broke off, and not the library. */
const isTrap = ({ name }: Error): boolean => name === 'RuntimeError'

async function attempt<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
  where: string,
): Promise<Record<Name, NumericArray>> {
  library ??= load()
  const { File, fileSystem } = await library
  const name = `/limbeck-${opened++}.h5`
  fileSystem.writeFile(name, bytes)
  try {
    return readArrays(new File(name, 'r'), names, where)
  } finally {
    fileSystem.unlink(name)
  }
}

function readArrays<Name extends string>(
  file: Hdf5File,
  names: readonly Name[],
  where: string,
): Record<Name, NumericArray> {
  try {
    const arrays = names.map((name) => [name, arrayOf(file, name, where)] as const)
    return Object.fromEntries(arrays) as Record<Name, NumericArray>
  } finally {
    file.close()
  }
}

/** The library, 4 MB, is loaded when it is first needed; each time with a memory of its own. */
async function load(): Promise<Library> {
  const again = loaded++
  const { File, ready }: typeof import('h5wasm') =
    again === 0 ? await import('h5wasm') : await import(`${import.meta.resolve('h5wasm')}?instance=${again}`)
  const module = await ready
  // otherwise every refusal prints a stack of C functions
  module.activate_throwing_error_handler()
  return { File, fileSystem: module.FS }
}

function arrayOf(file: Hdf5File, name: string, where: string): NumericArray {
  const found = file.get(name)
  if (!found || !('metadata' in found) || !('slice' in found)) {
    throw unknownName('hdf5/no-array', `${where}: holds no array "${name}"`, name, file.paths())
  }
  const { shape, metadata } = found as Hdf5Dataset
  const chunk = metadata.chunks ?? []
  const bytes = Math.max(elementCount(shape ?? []), elementCount(chunk)) * metadata.size
  if (!shape || bytes > MOST_BYTES || metadata.size > ELEMENT_BYTES.float64) {
    throw new FormatError('hdf5/size', `${where}: array "${name}" cannot be read`, {
      expected: `numbers, at most ${MOST_BYTES} bytes`,
      received: shape ? `${formatShape(shape)}, ${metadata.size} bytes an element` : 'no shape',
    })
  }
  const value = (found as Hdf5Dataset).value
  if (ArrayBuffer.isView(value)) return { shape, data: numbers(value) }
  throw new FormatError('hdf5/type', `${where}: array "${name}" does not hold numbers`, {
    received: typeof value === 'object' ? 'text or a compound type' : typeof value,
  })
}

/** The library's arrays lie in memory that it uses again. */
function numbers(value: ArrayBufferView): Elements {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array)
    return Float64Array.from(value, Number)
  return (value as Elements).slice()
}
