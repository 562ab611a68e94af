import { isAbsolute, resolve } from 'node:path'
import { ConfigError, type Plugin } from '@limbeck/core'
import { importDefault } from './read-config.ts'

/** Loads a plugin from a file (relative to `directory`) or a package. */
export async function loadPlugin(specifier: string, directory: string): Promise<Plugin> {
  const isFile = specifier.startsWith('.') || isAbsolute(specifier)
  const exported = isFile
    ? await importDefault(resolve(directory, specifier))
    : ((await import(specifier)) as { default?: unknown }).default
  if (typeof exported === 'object' && exported !== null && 'name' in exported) return exported as Plugin
  throw new ConfigError(
    'plugin/no-default-export',
    `${specifier}: a plugin is the default export of its file`,
    {
      expected: 'export default definePlugin({ name, losses, … })',
      received: typeof exported,
    },
  )
}
