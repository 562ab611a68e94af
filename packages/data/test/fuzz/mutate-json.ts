import type { Random } from '@limbeck/core'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const VALUES: readonly Json[] = [
  null,
  true,
  -1,
  0,
  0.5,
  255,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  'a',
  '../outside',
  '/etc/passwd',
  'images/../../outside.png',
  [],
  [[]],
  {},
  [[0, 0, 1e9, 0, 1e9, 1e9]],
  'x'.repeat(5000),
]
const KEYS = ['__proto__', 'constructor', 'toString', '', 'id', 'name', 'x']
const MOST_CHANGES = 3

/** Well-formed JSON in which a few values or keys are others than they should be. */
export function mutateJson(text: string, random: Random): string {
  const root: { value: Json } = { value: JSON.parse(text) as Json }
  const count = 1 + random.integer(MOST_CHANGES)
  for (let i = 0; i < count; i++) change(root, random)
  return JSON.stringify(root.value)
}

interface Place {
  readonly holder: Json[] | { [key: string]: Json }
  readonly key: string
}

function change(root: { value: Json }, random: Random): void {
  const { holder, key } = random.pick(placesIn(root))
  const values = holder as { [key: string]: Json }
  const old = values[key]!
  // the whole can be another value, but it cannot be absent
  switch (holder === root ? 4 : random.integer(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1)
      else delete values[key]
      break
    case 1:
      // another value of the same file
      values[key] = structuredClone(valueAt(random.pick(placesIn(root))))
      break
    case 2:
      if (Array.isArray(holder))
        holder.push(...new Array<Json>(random.pick([1, 50])).fill(structuredClone(old)))
      else
        Object.defineProperty(values, random.pick(KEYS), {
          value: structuredClone(old),
          enumerable: true,
          writable: true,
          configurable: true,
        })
      break
    case 3:
      values[key] =
        typeof old === 'number' ? old + random.pick([-1, 1, 0.5, 1e6]) : structuredClone(random.pick(VALUES))
      break
    default:
      values[key] = structuredClone(random.pick(VALUES))
  }
}

const valueAt = ({ holder, key }: Place): Json => (holder as { [key: string]: Json })[key]!

function placesIn(holder: Json[] | { [key: string]: Json }): Place[] {
  return Object.keys(holder).flatMap((key) => {
    const place = { holder, key }
    const value = valueAt(place)
    return typeof value === 'object' && value !== null ? [place, ...placesIn(value)] : [place]
  })
}
