import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, type DatasetClass, z } from '@limbeck/core'
import { paletteColor } from '../render/palette.ts'

const manifestSchema = z.looseObject({
  name: z.string(),
  classes: z
    .array(
      z.looseObject({
        id: z.int().min(0).max(254),
        name: z.string(),
        color: z.tuple([z.number(), z.number(), z.number()]).optional(),
      }),
    )
    .min(1),
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

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new DataError(
      missing ? 'data/missing-file' : 'data/syntax',
      `${file}: ${missing ? 'is missing' : (error as Error).message}`,
      {
        cause: error,
      },
    )
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const lines = result.error.issues.map(({ message, path }) => `${message} at ${path.join('.') || 'the top'}`)
  throw new DataError('data/manifest', `${file}: ${lines.join('; ')}`)
}
