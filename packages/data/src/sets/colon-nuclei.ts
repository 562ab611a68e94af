import type { DatasetClass } from '@limbeck/core'

/** Types of nuclei of CoNIC and Lizard in the order of their ids, from 1 on. */
export const COLON_NUCLEI = [
  'neutrophil',
  'epithelial',
  'lymphocyte',
  'plasma',
  'eosinophil',
  'connective',
] as const

/** Colours of the challenge's example notebook (github.com/TissueImageAnalytics/CoNIC). */
export const COLON_COLORS: Readonly<Record<string, DatasetClass['color']>> = {
  neutrophil: [255, 165, 0],
  epithelial: [0, 255, 0],
  lymphocyte: [255, 0, 0],
  plasma: [0, 255, 255],
  eosinophil: [0, 0, 255],
  connective: [255, 255, 0],
} satisfies Record<(typeof COLON_NUCLEI)[number], DatasetClass['color']>
