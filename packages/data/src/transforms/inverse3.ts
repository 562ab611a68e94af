type Row = readonly number[]

/** The inverse of a 3×3 matrix, rows of columns, by its adjugate. */
export function inverse3(m: readonly Row[]): Row[] {
  const minor = (r: number, c: number) => {
    const [r1, r2] = [(r + 1) % 3, (r + 2) % 3]
    const [c1, c2] = [(c + 1) % 3, (c + 2) % 3]
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!
  }
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[0]![c]! * minor(0, c), 0)
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => minor(c, r) / determinant))
}
