/** The style of a heat map's cell: `hit` for what is right, `miss` for what is wrong, darker for a larger part. */
export const shade = (hue: 'hit' | 'miss', part: number): string =>
  `background:rgb(var(--${hue}) / ${(STRONGEST * part ** GAMMA).toFixed(3)})`

/** At full strength text would lose its contrast. */
const STRONGEST = 0.8
/** Below 1: small parts, which are where the interest is, remain visible. */
const GAMMA = 0.75
