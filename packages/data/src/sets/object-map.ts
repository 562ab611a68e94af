import { DataError } from '@limbeck/core'
import type { Plane } from '../formats/plane.ts'

/** Object ids from a map; throws `DataError` that begins with `where` for what is no id. */
export function objectsOf({ data, width }: Plane, where: string): Int32Array {
  const objects = new Int32Array(data)
  const at = objects.findIndex((object, i) => object < 0 || object !== data[i])
  if (at < 0) return objects
  throw new DataError('data/object-id', `${where}: an object id that is none`, {
    expected: 'whole numbers from 0 (no object) to 2^31 − 1',
    received: `${data[at]}, first at row ${Math.floor(at / width)}, column ${at % width}`,
  })
}

/** The type of each object of a map, listed in the order of the objects' ids, as HoVer-Net's `inst_type` is. */
export function typesInOrder(
  objects: Int32Array,
  types: ArrayLike<number>,
  where: string,
): Map<number, number> {
  const ids = [...new Set(objects)].filter((id) => id !== 0).sort((a, b) => a - b)
  if (ids.length === types.length) return new Map(ids.map((id, i) => [id, types[i]!]))
  throw new DataError('data/object-count', `${where}: does not list a type for each object of the map`, {
    expected: `${ids.length} types`,
    received: `${types.length}`,
  })
}

/**
 * Class ids of the pixels of objects; 0, no object, is background. `classOf` gives the class of each type that the set
 * knows. Throws `DataError` that begins with `where` for an object without a type, and for a type without a class.
 */
export function labelsOfObjects(
  objects: Int32Array,
  typeOf: ReadonlyMap<number, number>,
  { classOf, where }: { readonly classOf: ReadonlyMap<number, number>; readonly where: string },
): Uint8Array {
  const labelOf = new Map([[0, 0]])
  for (const object of new Set(objects)) {
    if (object === 0) continue
    const type = typeOf.get(object)
    const label = type === undefined ? undefined : classOf.get(type)
    if (label === undefined) {
      throw new DataError('data/unknown-class', `${where}: object ${object} has no type that is known`, {
        expected: `one of ${[...classOf.keys()].join(', ')}`,
        received: type === undefined ? 'no type' : String(type),
      })
    }
    labelOf.set(object, label)
  }
  return Uint8Array.from(objects, (object) => labelOf.get(object)!)
}
