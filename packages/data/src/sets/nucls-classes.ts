import { type DatasetClass, IGNORE_LABEL } from '@limbeck/core'
import { classTable } from './class-table.ts'

/** How finely NuCLS names its nuclei: as they were annotated, as its models learn them, or in four groups. */
export const NUCLS_LEVELS = ['raw', 'main', 'super'] as const
export type NuclsLevel = (typeof NUCLS_LEVELS)[number]

/** Stands for nuclei on whose class the annotators did not agree: they take part in nothing. */
const AMBIGUOUS = undefined

interface RawClass {
  /** First channel of the masks: `configs/nucleus_GTcodes.csv` of github.com/PathologyDataScience/NuCLS. */
  readonly code: number
  /** Names at each level: `NucleusCategories` of the same repository. */
  readonly names: Readonly<Record<NuclsLevel, string | undefined>>
  /** The colour that the authors draw it in. */
  readonly color: DatasetClass['color']
}

const raw = (
  code: number,
  [rawName, main, group]: readonly [string | undefined, string | undefined, string | undefined],
  color: DatasetClass['color'],
): RawClass => ({ code, names: { raw: rawName, main, super: group }, color })

const RAW_CLASSES: readonly RawClass[] = [
  raw(1, ['tumor', 'tumor_nonMitotic', 'tumor_any'], [255, 0, 0]),
  raw(6, ['mitotic_figure', 'tumor_mitotic', 'tumor_any'], [255, 191, 0]),
  raw(2, ['fibroblast', 'nonTILnonMQ_stromal', 'nonTIL_stromal'], [0, 230, 77]),
  raw(7, ['vascular_endothelium', 'nonTILnonMQ_stromal', 'nonTIL_stromal'], [102, 0, 204]),
  raw(5, ['macrophage', 'macrophage', 'nonTIL_stromal'], [51, 102, 153]),
  raw(3, ['lymphocyte', 'lymphocyte', 'sTIL'], [0, 0, 255]),
  raw(4, ['plasma_cell', 'plasma_cell', 'sTIL'], [0, 255, 255]),
  raw(10, ['neutrophil', 'other_nucleus', 'other_nucleus'], [51, 102, 204]),
  raw(12, ['eosinophil', 'other_nucleus', 'other_nucleus'], [128, 0, 0]),
  raw(8, ['myoepithelium', 'other_nucleus', 'other_nucleus'], [250, 50, 250]),
  raw(11, ['ductal_epithelium', 'other_nucleus', 'other_nucleus'], [255, 128, 255]),
  raw(9, ['apoptotic_body', AMBIGUOUS, AMBIGUOUS], [255, 128, 0]),
  raw(99, [AMBIGUOUS, AMBIGUOUS, AMBIGUOUS], [80, 80, 80]),
]

/** The classes of a level, background first, and the class of each code, `IGNORE_LABEL` for ambiguous nuclei. */
export function nuclsClasses(level: NuclsLevel): {
  readonly classes: readonly DatasetClass[]
  readonly labelOf: ReadonlyMap<number, number>
} {
  const colors = new Map<string, DatasetClass['color']>()
  for (const { names, color } of RAW_CLASSES) {
    const name = names[level]
    // a group has the colour of the first of its classes
    if (name !== undefined && !colors.has(name)) colors.set(name, color)
  }
  const classes = classTable(['background', ...colors.keys()], Object.fromEntries(colors))
  const idOf = new Map<string | undefined, number>(classes.map(({ id, name }) => [name, id]))
  const labels = RAW_CLASSES.map(({ code, names }) => [code, idOf.get(names[level]) ?? IGNORE_LABEL] as const)
  return { classes, labelOf: new Map(labels) }
}
