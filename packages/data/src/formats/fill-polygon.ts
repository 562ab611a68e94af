/** Corners of a closed polygon in pixel coordinates: a pixel's centre has whole numbers. */
export interface Polygon {
  readonly xs: ArrayLike<number>
  readonly ys: ArrayLike<number>
}

interface Size {
  readonly width: number
  readonly height: number
}

/** How near a corner a pixel's centre counts as the corner itself. */
const VERTEX_TOLERANCE = 1e-12

/**
 * Calls `paint` with the index (`row * width + column`) of every pixel that scikit-image's
 * `draw.polygon(ys, xs, shape)` gives, rows from top to bottom: centres within by the even-odd rule (O'Rourke, 1998,
 * Computational Geometry in C, chapter 7), and those on an edge or a corner. Parts outside the image are left out.
 *
 * Takes time in proportion to the pixels of the bounding box plus the rows that each edge spans, where
 * scikit-image multiplies pixels by corners.
 */
export function fillPolygon(polygon: Polygon, image: Size, paint: (index: number) => void): void {
  const box = boundingBox(polygon, image)
  if (!box) return
  const columns = box.right - box.left + 1
  // Each edge that crosses a row turns one side's parity over from some pixel on; sums along the row undo the
  // differences. One column more takes the turns behind the last pixel.
  const toRight = new Uint8Array((box.bottom - box.top + 1) * (columns + 1))
  const toLeft = new Uint8Array(toRight.length)
  const corners = new Set<number>()
  const { xs, ys } = polygon
  for (let i = 0, previous = xs.length - 1; i < xs.length; previous = i++) {
    markCorner(xs[i]!, ys[i]!, box, corners)
    const edge = { x0: xs[i]!, y0: ys[i]!, x1: xs[previous]!, y1: ys[previous]! }
    const first = Math.max(box.top, Math.floor(Math.min(edge.y0, edge.y1)))
    const last = Math.min(box.bottom, Math.ceil(Math.max(edge.y0, edge.y1)))
    for (let y = first; y <= last; y++) {
      const row = (y - box.top) * (columns + 1)
      if (edge.y0 - y > 0 !== edge.y1 - y > 0) {
        // a ray to the right meets the edge from the pixels left of the crossing
        toRight[row]! ^= 1
        toRight[row + firstNotLeftOf(edge, y, box) - box.left]! ^= 1
      }
      if (edge.y0 - y < 0 !== edge.y1 - y < 0) toLeft[row + firstRightOf(edge, y, box) - box.left]! ^= 1
    }
  }
  for (let y = box.top; y <= box.bottom; y++) {
    let right = 0
    let left = 0
    for (let x = box.left; x <= box.right; x++) {
      const at = (y - box.top) * (columns + 1) + x - box.left
      right ^= toRight[at]!
      left ^= toLeft[at]!
      // parities differ on an edge
      if (right || left || corners.has(y * image.width + x)) paint(y * image.width + x)
    }
  }

  function markCorner(x: number, y: number, within: Box, marked: Set<number>): void {
    const column = Math.round(x)
    const row = Math.round(y)
    if (Math.abs(x - column) >= VERTEX_TOLERANCE || Math.abs(y - row) >= VERTEX_TOLERANCE) return
    const inside =
      column >= within.left && column <= within.right && row >= within.top && row <= within.bottom
    if (inside) marked.add(row * image.width + column)
  }
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The pixels that scikit-image looks at; none for a polygon without corners or beside the image. */
function boundingBox({ xs, ys }: Polygon, { width, height }: Size): Box | undefined {
  if (xs.length === 0) return undefined
  const columns = range(xs)
  const rows = range(ys)
  const box = {
    left: Math.trunc(Math.max(0, columns.low)),
    right: Math.min(width - 1, Math.ceil(columns.high)),
    top: Math.trunc(Math.max(0, rows.low)),
    bottom: Math.min(height - 1, Math.ceil(rows.high)),
  }
  return box.left <= box.right && box.top <= box.bottom ? box : undefined
}

function range(values: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  return { low, high }
}

interface Edge {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

/** How far right of column `x` the edge crosses row `y`: scikit-image's expression, for its rounding. */
function crossing({ x0, y0, x1, y1 }: Edge, x: number, y: number): number {
  return ((x0 - x) * (y1 - y) - (x1 - x) * (y0 - y)) / (y1 - y - (y0 - y))
}

/** The first column that the edge does not cross strictly to the right of; at most one behind the box. */
function firstNotLeftOf(edge: Edge, y: number, box: Box): number {
  let x = startingColumn(edge, y, box)
  while (x > box.left && !(crossing(edge, x - 1, y) > 0)) x--
  while (x <= box.right && crossing(edge, x, y) > 0) x++
  return x
}

/** The first column that the edge crosses strictly to the left of; at most one behind the box. */
function firstRightOf(edge: Edge, y: number, box: Box): number {
  let x = startingColumn(edge, y, box)
  while (x > box.left && crossing(edge, x - 1, y) < 0) x--
  while (x <= box.right && !(crossing(edge, x, y) < 0)) x++
  return x
}

/** Within a column of the crossing, whatever the rounding. */
function startingColumn(edge: Edge, y: number, box: Box): number {
  return Math.min(box.right + 1, Math.max(box.left, Math.ceil(box.left + crossing(edge, box.left, y))))
}
