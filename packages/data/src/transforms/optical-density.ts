/** Below it a value counts as black: the darkest that a byte tells from nothing. */
const DARKEST = 1 / 255

/** Optical density of a value in 0..1: the negative natural logarithm of how much light is left. */
export const opticalDensity = (value: number): number => -Math.log(value < DARKEST ? DARKEST : value)

/** Optical densities of the 256 bytes: a logarithm for each value of an image is most of what a jitter costs. */
const DENSITY_OF_BYTE = Float64Array.from({ length: 256 }, (_, byte) => opticalDensity(byte / 255))

/** Optical densities of an image's values. */
export function opticalDensities(image: Uint8Array | Uint16Array | Float32Array): Float32Array {
  const densities = new Float32Array(image.length)
  if (image instanceof Uint8Array) fromBytes(image, densities)
  else if (image instanceof Uint16Array) fromWords(image, densities)
  else fromUnit(image, densities)
  return densities
}

function fromBytes(image: Uint8Array, to: Float32Array): void {
  for (let at = 0; at < to.length; at++) to[at] = DENSITY_OF_BYTE[image[at]!]!
}

function fromWords(image: Uint16Array, to: Float32Array): void {
  for (let at = 0; at < to.length; at++) to[at] = opticalDensity(image[at]! / 65535)
}

function fromUnit(image: Float32Array, to: Float32Array): void {
  for (let at = 0; at < to.length; at++) to[at] = opticalDensity(image[at]!)
}

/** Densities from 0 to here have their place in the table; beyond it a value is black. */
const DENSEST = 8
const STEPS = 4096
const TRANSMITTANCE = Float64Array.from({ length: STEPS + 1 }, (_, i) => Math.exp((-i * DENSEST) / STEPS))

/**
 * The value in 0..1 that an optical density leaves, exp(−density), from a table with linear interpolation: at most
 * 5·10⁻⁷ off (h² / 8 with steps h of 8 / 4096), and several times faster than the exponential. Beyond a density of 8 it
 * is that of 8, a thirteenth of the darkest byte; negative densities are light.
 */
export function transmittance(density: number): number {
  if (density <= 0) return 1
  if (density >= DENSEST) return TRANSMITTANCE[STEPS]!
  const place = density * (STEPS / DENSEST)
  const below = Math.floor(place)
  const low = TRANSMITTANCE[below]!
  return low + (place - below) * (TRANSMITTANCE[below + 1]! - low)
}
