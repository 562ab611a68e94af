import { DataError } from '@limbeck/core'

/**
 * Class ids from the numbers that a set's files hold, by a table. Throws `DataError` that begins with `where` and says
 * where the first number lies that the table does not know.
 */
export function relabel(
  values: ArrayLike<number>,
  {
    known,
    width,
    where,
  }: { readonly known: ReadonlyMap<number, number>; readonly width: number; readonly where: string },
): Uint8Array {
  const labels = new Uint8Array(values.length)
  let last = Number.NaN
  let label = 0
  for (let at = 0; at < labels.length; at++) {
    const value = values[at]!
    // labels come in runs: the table is asked once a run
    if (value !== last) {
      label = known.get(value) ?? refuse(value, { at, known, width, where })
      last = value
    }
    labels[at] = label
  }
  return labels
}

function refuse(
  value: number,
  {
    at,
    known,
    width,
    where,
  }: { at: number; known: ReadonlyMap<number, number>; width: number; where: string },
): never {
  throw new DataError('data/unknown-class', `${where}: unknown label ${value}`, {
    expected: `one of ${[...known.keys()].join(', ')}`,
    received: `${value}, first at row ${Math.floor(at / width)}, column ${at % width}`,
    hint: "name it in the data set's options",
  })
}
