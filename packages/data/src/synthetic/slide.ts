/** A stained section on glass: how much of each stain lies at each pixel, in the units of `STAIN_VECTORS`. */
export interface Slide {
  /** Side of the square, in pixels. */
  readonly size: number
  /** Row by row, `size * size` values ≥ 0 each. */
  readonly haematoxylin: Float32Array
  readonly eosin: Float32Array
  /** What is brown or yellow of its own: pigment, red cells, old collagen; bears the vector of DAB. */
  readonly brown: Float32Array
}

export const clearSlide = (size: number): Slide => ({
  size,
  haematoxylin: new Float32Array(size * size),
  eosin: new Float32Array(size * size),
  brown: new Float32Array(size * size),
})
