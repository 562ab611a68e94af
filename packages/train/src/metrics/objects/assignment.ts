/** A possible pair of a left and a right thing, and what it is worth; worths are positive. */
export interface Candidate {
  readonly left: number
  readonly right: number
  readonly worth: number
}

/**
 * The pairs with the greatest total worth in which nothing takes part twice (maximum-weight bipartite matching).
 *
 * Pairs that share neither side do not compete, so each connected part is solved on its own: shortest augmenting
 * paths (Hungarian method), O(n³) in the size n of the part. Overlapping nuclei come in small groups.
 */
export const assign = <C extends Candidate>(candidates: readonly C[]): C[] =>
  connectedParts(candidates).flatMap((part) => (part.length === 1 ? part : assignPart(part)))

function connectedParts<C extends Candidate>(candidates: readonly C[]): C[][] {
  const atLeft = grouped(candidates, ({ left }) => left)
  const atRight = grouped(candidates, ({ right }) => right)
  const seen = new Set<C>()
  const parts: C[][] = []
  for (const first of candidates) {
    if (seen.has(first)) continue
    seen.add(first)
    const part = [first]
    for (const one of part) {
      for (const next of [...atLeft.get(one.left)!, ...atRight.get(one.right)!]) {
        if (!seen.has(next)) part.push(next)
        seen.add(next)
      }
    }
    parts.push(part)
  }
  return parts
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}

/** The Hungarian method with potentials, rows added one at a time; columns of cost 0 stand for no partner. */
function assignPart<C extends Candidate>(part: readonly C[]): C[] {
  const rows = [...new Set(part.map(({ left }) => left))]
  const columns = [...new Set(part.map(({ right }) => right))]
  const width = columns.length + rows.length
  const pairs = rows.map((left) =>
    columns.map((right) => part.find((one) => one.left === left && one.right === right)),
  )
  const cost = (row: number, column: number): number => -(pairs[row]![column]?.worth ?? 0)

  const rowPotential = new Float64Array(rows.length)
  const columnPotential = new Float64Array(width)
  const rowOf = new Int32Array(width).fill(-1)
  for (let first = 0; first < rows.length; first++) {
    const slack = new Float64Array(width).fill(Infinity)
    const cameFrom = new Int32Array(width).fill(-1)
    const visited: number[] = []
    const open = new Set(rowOf.keys())
    let row = first
    let column = -1
    do {
      let nearest = -1
      for (const candidate of open) {
        const reduced = cost(row, candidate) - rowPotential[row]! - columnPotential[candidate]!
        if (reduced < slack[candidate]!) {
          slack[candidate] = reduced
          cameFrom[candidate] = column
        }
        if (nearest < 0 || slack[candidate]! < slack[nearest]!) nearest = candidate
      }
      const step = slack[nearest]!
      rowPotential[first] = rowPotential[first]! + step
      for (const one of visited) {
        rowPotential[rowOf[one]!] = rowPotential[rowOf[one]!]! + step
        columnPotential[one] = columnPotential[one]! - step
      }
      for (const one of open) slack[one] = slack[one]! - step
      open.delete(nearest)
      visited.push(nearest)
      column = nearest
      row = rowOf[column]!
    } while (row >= 0)
    for (; column >= 0; column = cameFrom[column]!) {
      const before = cameFrom[column]!
      rowOf[column] = before < 0 ? first : rowOf[before]!
    }
  }
  return columns.flatMap((_, column) => {
    const pair = rowOf[column]! < 0 ? undefined : pairs[rowOf[column]!]![column]
    return pair ? [pair] : []
  })
}
