/** Least and greatest of what is drawn uniformly. */
export type Range = readonly [least: number, greatest: number]

/** How nuclei of one type look. Lengths are pixels at scale 1, where a pixel is about 0.9 µm. */
export interface NucleusType {
  readonly name: string
  /** Radius of the circle of the same area as the nucleus, or of one lobe of it. */
  readonly radius: Range
  /** Long axis by short axis. */
  readonly elongation: Range
  /** How far the outline departs from an ellipse, as a share of the radius. */
  readonly wobble: number
  /** How far an ellipse is bent to a kidney. */
  readonly bend: Range
  readonly lobes: Range
  /** Amounts of haematoxylin: everywhere, at the membrane besides, and in clumps of a size, more or less. */
  readonly chromatin: {
    readonly amount: Range
    readonly rim: number
    readonly clumps: number
    readonly clumpSize: number
  }
  readonly nucleoli: Range
  /** What lies around the nucleus, out to `reach` times its size; `foam` is the share that vacuoles take away. */
  readonly cytoplasm?: {
    readonly reach: number
    readonly eosin: number
    readonly brown: number
    readonly foam: number
  }
  /** Preference for nests of epithelium (1) or stroma (0); one half is at home in both. */
  readonly nest: number
  /** Share of nuclei that lie against another of their type. */
  readonly flock: number
}

export const NUCLEUS_TYPES = {
  epithelial: {
    name: 'epithelial',
    radius: [4.8, 6.6],
    elongation: [1.15, 1.75],
    wobble: 0.05,
    bend: [0, 0.06],
    lobes: [1, 1],
    chromatin: { amount: [0.62, 0.85], rim: 0.5, clumps: 0.3, clumpSize: 2.2 },
    nucleoli: [1, 2],
    nest: 0.97,
    flock: 0.5,
  },
  lymphocyte: {
    name: 'lymphocyte',
    radius: [3.1, 3.9],
    elongation: [1, 1.18],
    wobble: 0.04,
    bend: [0, 0.03],
    lobes: [1, 1],
    chromatin: { amount: [1.5, 1.9], rim: 0.1, clumps: 0.45, clumpSize: 1.6 },
    nucleoli: [0, 0],
    nest: 0.12,
    flock: 0.65,
  },
  macrophage: {
    name: 'macrophage',
    radius: [5.8, 7.4],
    elongation: [1.2, 1.6],
    wobble: 0.1,
    bend: [0.25, 0.5],
    lobes: [1, 1],
    chromatin: { amount: [0.6, 0.78], rim: 0.12, clumps: 0.16, clumpSize: 1.4 },
    nucleoli: [0, 1],
    cytoplasm: { reach: 1.75, eosin: 0.1, brown: 0.42, foam: 0.75 },
    nest: 0.3,
    flock: 0.2,
  },
  neutrophil: {
    name: 'neutrophil',
    radius: [1.7, 2.2],
    elongation: [1, 1.3],
    wobble: 0.04,
    bend: [0, 0],
    lobes: [2, 4],
    chromatin: { amount: [2.1, 2.6], rim: 0, clumps: 0.2, clumpSize: 1.2 },
    nucleoli: [0, 0],
    cytoplasm: { reach: 1.5, eosin: 0.62, brown: 0.08, foam: 0.1 },
    nest: 0.35,
    flock: 0.3,
  },
} as const satisfies Record<string, NucleusType>
