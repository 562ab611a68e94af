/** Where two maps of pixels first differ, −1 nowhere; `toEqual` takes seconds on them. */
export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.min(a.length, b.length)
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return at
  return -1
}

/** Each pixel's object by the place where the object is first seen: equal where maps differ in numbers alone. */
export function partition(objects: ArrayLike<number>): Int32Array {
  const first = new Map([[0, 0]])
  return Int32Array.from(objects, (object, at) => {
    if (!first.has(object)) first.set(object, at + 1)
    return first.get(object)!
  })
}
