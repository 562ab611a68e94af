import { type Dataset, type Registry, z } from '@limbeck/core'

/** A data set by name inside the options of another one. */
export const setChoice = z.strictObject({
  use: z.string().describe('name of a data set'),
  options: z.record(z.string(), z.unknown()).default({}),
})

export type SetChoice = z.output<typeof setChoice>

/** Opens a data set that another one builds on; `where` is its place in the options, for errors. */
export const openChoice = (
  { use, options }: SetChoice,
  at: { readonly registry: Registry; readonly directory: string; readonly where: string },
): Promise<Dataset> => at.registry.get('datasets', use, at.where).open({ options, directory: at.directory })
