import type { Plugin } from '@limbeck/core'
import { loadPlugin } from '@limbeck/train'

/** The flag that verbs without a config take in place of its `plugins`. */
export const pluginFlag = {
  takes: 'FILE',
  many: true,
  summary: 'a file or package with further losses, methods, models, …',
} as const

/** Loads plugins named on the command line; files are relative to the working directory. */
export const loadPlugins = (specifiers: readonly string[]): Promise<Plugin[]> =>
  Promise.all(specifiers.map((specifier) => loadPlugin(specifier, process.cwd())))
