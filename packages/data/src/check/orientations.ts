import { THUMBNAIL_SIDE } from './thumbnail.ts'

const LAST = THUMBNAIL_SIDE - 1

/** The eight ways to lay a square on itself: where the value at (x, y) comes from. */
const ORIENTATIONS: readonly (readonly [string, (x: number, y: number) => readonly [number, number]])[] = [
  ['as it is', (x, y) => [x, y]],
  ['mirrored', (x, y) => [LAST - x, y]],
  ['upside down', (x, y) => [x, LAST - y]],
  ['turned by 180°', (x, y) => [LAST - x, LAST - y]],
  ['transposed', (x, y) => [y, x]],
  ['turned by 90°', (x, y) => [LAST - y, x]],
  ['turned by 270°', (x, y) => [y, LAST - x]],
  ['transposed and turned by 180°', (x, y) => [LAST - y, LAST - x]],
]

export interface OrientedThumbnail {
  readonly orientation: string
  readonly thumbnail: Float32Array
}

/** A thumbnail in its eight orientations, its own first: offline augmentation leaves such copies. */
export const orientationsOf = (thumbnail: Float32Array): OrientedThumbnail[] =>
  ORIENTATIONS.map(([orientation, from]) => ({
    orientation,
    thumbnail: thumbnail.map((_, at) => {
      const [x, y] = from(at % THUMBNAIL_SIDE, Math.floor(at / THUMBNAIL_SIDE))
      return thumbnail[y * THUMBNAIL_SIDE + x]!
    }),
  }))
