/** A value that is computed once, when it is first asked for. */
export type Lazy<T> = () => T

/** Remembers what `compute` returns; networks are graphs of such values, so that only what is wanted is computed. */
export function lazy<T>(compute: () => T): Lazy<T> {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: compute() }
    return known.value
  }
}
