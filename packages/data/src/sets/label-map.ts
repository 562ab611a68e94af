import { DataError, IGNORE_LABEL } from '@limbeck/core'
import type { Plane } from '../formats/plane.ts'

/** The class of each type id that a set uses: `classOf[type]`, or nothing where the set has no such type. */
export type TypeTable = readonly (number | undefined)[]

/** The table of a set whose type ids are its class ids. */
export const sameTypes = (classes: readonly unknown[]): TypeTable => classes.map((_, id) => id)

/**
 * Class ids from a map of the set's own type ids; 255 stays ignored unless the set has such a type. Throws `DataError`
 * naming `file` and the place of a type that the set does not have.
 */
export function labelsOfTypes({ data, width }: Plane, classOf: TypeTable, file: string): Uint8Array {
  const labels = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at++) {
    const type = data[at]!
    const label = classOf[type] ?? (type === IGNORE_LABEL ? IGNORE_LABEL : undefined)
    if (label === undefined) throw unknownType(file, type, classOf, `${place(at, width)}`)
    labels[at] = label
  }
  return labels
}

/**
 * Class ids from an object map and the type of each object; 0, no object, is background. Throws `DataError` naming
 * `file` and an object whose type is not given, or is none of the set's.
 */
export function labelsOfObjects(
  { data, width }: Plane,
  typeOf: ReadonlyMap<number, number>,
  classOf: TypeTable,
  file: string,
): Uint8Array {
  const labels = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at++) {
    const object = data[at]!
    if (object === 0) continue
    const type = typeOf.get(object)
    if (type === undefined) {
      throw new DataError('data/unknown-object', `${file}: object ${object} has no type`, {
        expected: `one of the ${typeOf.size} objects listed`,
        received: `${object}, first at ${place(at, width)}`,
      })
    }
    const label = classOf[type]
    if (label === undefined) throw unknownType(file, type, classOf, `object ${object}`)
    labels[at] = label
  }
  return labels
}

/** Object ids from a map; throws `DataError` naming `file` for what is no id. */
export function objectsOf({ data, width }: Plane, file: string): Int32Array {
  const objects = Int32Array.from(data)
  const at = objects.findIndex((object, i) => object < 0 || object !== data[i])
  if (at < 0) return objects
  throw new DataError('data/object-id', `${file}: an object id that is none`, {
    expected: 'whole numbers from 0 (no object) to 2^31 − 1',
    received: `${data[at]}, first at ${place(at, width)}`,
  })
}

/** The type of each object in the order of their ids, as HoVer-Net's `inst_type` lists them. */
export function typesInOrder(objects: Plane, types: ArrayLike<number>, file: string): Map<number, number> {
  const ids = [...new Set(objects.data)].filter((id) => id !== 0).sort((a, b) => a - b)
  if (ids.length === types.length) return new Map(ids.map((id, i) => [id, types[i]!]))
  throw new DataError('data/object-count', `${file}: does not list the types of the objects in the map`, {
    expected: `${ids.length} types, one for each object`,
    received: `${types.length}`,
  })
}

const place = (at: number, width: number): string => `row ${Math.floor(at / width)}, column ${at % width}`

function unknownType(file: string, type: number, classOf: TypeTable, where: string): DataError {
  const known = [...classOf.keys()].filter((id) => classOf[id] !== undefined)
  return new DataError('data/unknown-type', `${file}: unknown type id ${type}`, {
    expected: `one of ${known.join(', ')}`,
    received: `${type}, first at ${where}`,
  })
}
