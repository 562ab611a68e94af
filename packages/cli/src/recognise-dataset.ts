import { join } from 'node:path'
import { ConfigError, type Registry } from '@limbeck/core'
import { pathExists } from '@limbeck/data'

/** The data set whose files lie in a directory; of several, the one that asks for most. */
export async function recogniseDataset(
  path: string,
  { registry, hint }: { readonly registry: Registry; readonly hint: string },
): Promise<string> {
  const layouts = [...registry.list('datasets')]
    .flatMap(({ factory: { spec } }) => (spec.layout ? [{ use: spec.name, layout: spec.layout }] : []))
    .sort((a, b) => b.layout.length - a.layout.length)
  for (const { use, layout } of layouts) {
    if ((await Promise.all(layout.map((name) => pathExists(join(path, name))))).every(Boolean)) return use
  }
  throw new ConfigError('usage/unknown-layout', `${path}: the files do not tell which data set this is`, {
    expected: layouts.map(({ use, layout }) => `${use} (${layout.join(', ')})`).join('; '),
    hint,
  })
}
