type Triple = readonly [number, number, number]

/** Sweeps of Jacobi rotations; a 3×3 matrix is diagonal to the last bit after five or six. */
const SWEEPS = 12

/**
 * The two directions in which points in space (x, y, z, x, y, z, …) vary most, about their mean, unit length, the main
 * one first. Of the two ways that a direction has, the one with the larger sum.
 */
export function principalAxes(points: Float64Array): readonly [Triple, Triple] {
  const matrix = covariance(points)
  const axes = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    rotate(matrix, axes, 0, 1)
    rotate(matrix, axes, 0, 2)
    rotate(matrix, axes, 1, 2)
  }
  const order = [0, 1, 2].sort((a, b) => matrix[b]![b]! - matrix[a]![a]!)
  const axis = (k: number): Triple => {
    const column = axes.map((row) => row[k]!)
    const sign = column.reduce((sum, value) => sum + value, 0) < 0 ? -1 : 1
    return column.map((value) => sign * value) as unknown as Triple
  }
  return [axis(order[0]!), axis(order[1]!)]
}

function covariance(points: Float64Array): number[][] {
  const count = points.length / 3
  const mean = [0, 1, 2].map((c) => {
    let sum = 0
    for (let at = c; at < points.length; at += 3) sum += points[at]!
    return sum / count
  })
  return [0, 1, 2].map((r) =>
    [0, 1, 2].map((c) => {
      let sum = 0
      for (let at = 0; at < points.length; at += 3) {
        sum += (points[at + r]! - mean[r]!) * (points[at + c]! - mean[c]!)
      }
      return sum / (count - 1)
    }),
  )
}

/** One Jacobi rotation, which makes element (p, q) of a symmetric matrix zero (Golub & Van Loan, section 8.5). */
function rotate(matrix: number[][], axes: number[][], p: number, q: number): void {
  const off = matrix[p]![q]!
  if (off === 0) return
  const tau = (matrix[q]![q]! - matrix[p]![p]!) / (2 * off)
  const tangent = Math.sign(tau || 1) / (Math.abs(tau) + Math.hypot(1, tau))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = tangent * cosine
  for (const rows of [matrix, axes]) {
    for (const row of rows) {
      const [x, y] = [row[p]!, row[q]!]
      row[p] = cosine * x - sine * y
      row[q] = sine * x + cosine * y
    }
  }
  const [rowP, rowQ] = [matrix[p]!, matrix[q]!]
  for (let c = 0; c < 3; c++) {
    const [x, y] = [rowP[c]!, rowQ[c]!]
    rowP[c] = cosine * x - sine * y
    rowQ[c] = sine * x + cosine * y
  }
}
