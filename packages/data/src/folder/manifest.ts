import { join } from 'node:path'
import { type DatasetClass, z } from '@limbeck/core'
import { pathExists } from '../files/path-exists.ts'
import { readJson } from '../files/read-json.ts'
import { paletteColor } from '../render/palette.ts'

const level = z.number().min(0).max(255)
const manifestSchema = z.looseObject({
  name: z.string(),
  classes: z
    .array(
      z.looseObject({
        id: z.int().min(0).max(254),
        name: z.string(),
        color: z.tuple([level, level, level]).optional(),
      }),
    )
    .min(1)
    .refine((classes) => areDistinct(classes.map(({ id }) => id)), 'a class has the id of another')
    .refine((classes) => areDistinct(classes.map(({ name }) => name)), 'a class has the name of another'),
})

const splitsSchema = z.record(z.string(), z.array(z.string()))

export interface Manifest {
  readonly name: string
  readonly classes: readonly DatasetClass[]
}

/** Reads `manifest.json`: the name of the set and its classes; more keys are welcome. */
export async function readManifest(directory: string): Promise<Manifest> {
  const { name, classes } = await readJson(join(directory, 'manifest.json'), manifestSchema)
  return {
    name,
    classes: classes.map((one) => ({ id: one.id, name: one.name, color: one.color ?? paletteColor(one.id) })),
  }
}

/** Reads `splits.json`: lists of ids by the name of the split. */
export const readSplits = (directory: string): Promise<Record<string, string[]>> =>
  readJson(join(directory, 'splits.json'), splitsSchema)

/** Reads `groups.json`, what each image was cut from by its id; nothing where there is none. */
export async function readGroups(directory: string): Promise<ReadonlyMap<string, string> | undefined> {
  const file = join(directory, 'groups.json')
  if (!(await pathExists(file))) return undefined
  return new Map(Object.entries(await readJson(file, z.record(z.string(), z.string()))))
}

const areDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length
