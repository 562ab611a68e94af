/**
 * Optical densities of haematoxylin, eosin and DAB in red, green and blue, unit length each, natural logarithm
 * (Ruifrok & Johnston, 2001, Analytical and Quantitative Cytology and Histology 23).
 */
export const STAIN_VECTORS = [
  [0.65, 0.7, 0.29],
  [0.07, 0.99, 0.11],
  [0.27, 0.57, 0.78],
] as const
