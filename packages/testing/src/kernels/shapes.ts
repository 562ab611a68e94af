import fc from 'fast-check'
import { shape } from '../arbitraries/shapes.ts'

/** Lengths that no block of threads divides, longer than a warp and than a block. */
const RAGGED = [[1, 33], [67], [3, 1, 129], [2, 5, 31]]
/** Tensors without elements. */
const EMPTY = [[0], [0, 3], [2, 0, 3]]

/** Shapes of rank 0 to 4, small ones mostly, ragged and empty ones now and then. */
export const anyShape: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 6, arbitrary: shape({ minRank: 0 }) },
  { weight: 2, arbitrary: fc.constantFrom(...RAGGED) },
  { weight: 1, arbitrary: fc.constantFrom(...EMPTY) },
)

/** The same with at least one axis and one element. */
export const someShape: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 3, arbitrary: shape({ maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...RAGGED) },
)

/** A shape and one of its axes. */
export const shapeWithAxis = someShape.chain((lengths) =>
  fc.record({ shape: fc.constant(lengths), axis: fc.nat(lengths.length - 1) }),
)

/** A shape and some of its axes, in ascending order. */
export const shapeWithAxes = someShape.chain((lengths) =>
  fc.record({
    shape: fc.constant(lengths),
    axes: fc.subarray([...lengths.keys()], { minLength: 1 }),
    keepDims: fc.boolean(),
  }),
)

/** Two shapes that broadcast: the second has some lengths of 1 and may lack leading axes; or the other way round. */
export const broadcastShapes = anyShape.chain((lengths) =>
  fc
    .record({
      narrow: fc.array(fc.boolean(), { minLength: lengths.length, maxLength: lengths.length }),
      dropped: fc.nat(lengths.length),
      swapped: fc.boolean(),
    })
    .map(({ narrow, dropped, swapped }) => {
      const other = lengths.map((length, axis) => (narrow[axis] ? 1 : length)).slice(dropped)
      return swapped ? { a: other, b: lengths } : { a: lengths, b: other }
    }),
)
