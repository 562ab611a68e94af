import { FormatError, formatShape, unknownName } from '@limbeck/core'
import type { Dataset as Hdf5Dataset, File as Hdf5File } from 'h5wasm'
import { ELEMENT_BYTES, type Elements } from './element-type.ts'
import { elementCount, type NumericArray } from './numeric-array.ts'

/** An array or a chunk of it beyond this is refused before memory is taken. */
const MOST_BYTES = 2 ** 29

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
  const { File, fileSystem } = await library()
  const name = `/limbeck-${opened++}.h5`
  fileSystem.writeFile(name, bytes)
  try {
    const file = new File(name, 'r')
    try {
      const arrays = names.map((one) => [one, arrayOf(file, one, where)] as const)
      return Object.fromEntries(arrays) as Record<Name, NumericArray>
    } finally {
      file.close()
    }
  } catch (error) {
    if (error instanceof FormatError || (error as Error).name === 'UnknownNameError') throw error
    throw new FormatError('hdf5/damaged', `${where}: cannot be read as HDF5`, {
      received: (error as Error).message.split('\n')[0]!,
      hint: 'is the file complete?',
      cause: error,
    })
  } finally {
    fileSystem.unlink(name)
  }
}

/** Loaded when it is first needed: it is 4 MB. */
async function library() {
  const { File, ready } = await import('h5wasm')
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
