import type { Random } from '@limbeck/core'

/** How far each pixel of an image moves, in pixels; row-major. */
export interface DisplacementField {
  readonly rows: Float32Array
  readonly columns: Float32Array
}

/**
 * Mean of the squared weights that a cubic B-spline gives to independent control values, ∫ Σ w² over a cell: the
 * autocorrelation of the cubic B-spline at 0, which is the B-spline of degree 7 at 0.
 */
const MEAN_SQUARED_WEIGHT = 151 / 315

/**
 * A smooth random field: normal displacements at control points `spacing` pixels apart, joined by cubic B-splines, as
 * in free-form deformations (Rueckert et al., 1999). `deviation` is the root mean square of the displacement along
 * each axis, in pixels. The image does not fold while no control point moves by more than about 0.4 · `spacing`
 * (Choi & Lee, 2000): keep `deviation` under a twelfth of `spacing`.
 */
export function elasticField(
  { width, height }: { readonly width: number; readonly height: number },
  { deviation, spacing }: { readonly deviation: number; readonly spacing: number },
  random: Random,
): DisplacementField {
  const axes = { across: splineAxis(width, spacing), down: splineAxis(height, spacing) }
  // variances of both axes' weights multiply
  const control = deviation / MEAN_SQUARED_WEIGHT
  return { rows: smoothNoise(axes, control, random), columns: smoothNoise(axes, control, random) }
}

/** Which control points count at each pixel of an axis: the first of four, and their weights. */
interface SplineAxis {
  readonly length: number
  readonly controls: number
  readonly first: Int32Array
  readonly weights: Float64Array
}

function splineAxis(length: number, spacing: number): SplineAxis {
  const first = new Int32Array(length)
  const weights = new Float64Array(4 * length)
  for (let at = 0; at < length; at++) {
    const cell = Math.floor(at / spacing)
    const t = at / spacing - cell
    first[at] = cell
    weights.set(
      [
        (1 - t) ** 3 / 6,
        (3 * t ** 3 - 6 * t ** 2 + 4) / 6,
        (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6,
        t ** 3 / 6,
      ],
      4 * at,
    )
  }
  return { length, controls: Math.floor((length - 1) / spacing) + 4, first, weights }
}

function smoothNoise(
  { across, down }: { readonly across: SplineAxis; readonly down: SplineAxis },
  deviation: number,
  random: Random,
): Float32Array {
  const controls = Float64Array.from({ length: across.controls * down.controls }, () =>
    random.normal(0, deviation),
  )
  const lines = new Float64Array(down.controls * across.length)
  for (let row = 0, to = 0; row < down.controls; row++) {
    for (let column = 0; column < across.length; column++, to++) {
      const from = row * across.controls + across.first[column]!
      for (let k = 0; k < 4; k++) lines[to]! += across.weights[4 * column + k]! * controls[from + k]!
    }
  }
  const field = new Float32Array(down.length * across.length)
  for (let row = 0, to = 0; row < down.length; row++) {
    const w0 = down.weights[4 * row]!
    const w1 = down.weights[4 * row + 1]!
    const w2 = down.weights[4 * row + 2]!
    const w3 = down.weights[4 * row + 3]!
    let from = down.first[row]! * across.length
    const next = across.length
    for (let column = 0; column < across.length; column++, to++, from++) {
      field[to] =
        w0 * lines[from]! +
        w1 * lines[from + next]! +
        w2 * lines[from + 2 * next]! +
        w3 * lines[from + 3 * next]!
    }
  }
  return field
}
