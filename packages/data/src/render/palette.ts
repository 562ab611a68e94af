/** Colours of classes that bring none: background grey, then Okabe & Ito's, which most colour-blind people tell apart. */
const COLORS: readonly (readonly [number, number, number])[] = [
  [235, 235, 235],
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [213, 94, 0],
  [204, 121, 167],
  [0, 114, 178],
  [240, 228, 66],
]

/** The colour of a class id; they repeat after eight. */
export const paletteColor = (id: number): readonly [number, number, number] => COLORS[id % COLORS.length]!
