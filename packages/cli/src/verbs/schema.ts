import { z } from '@limbeck/core'
import { createRegistry, experimentSchema } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { loadPlugins, pluginFlag } from '../plugins.ts'

export const schema = defineCommand({
  name: 'schema',
  summary: 'Prints the JSON schema of a config, for editors',
  details: [
    'limbeck schema > limbeck.schema.json, and as the first line of a config:',
    '# yaml-language-server: $schema=./limbeck.schema.json',
  ].join('\n'),
  arguments: [],
  flags: { plugin: pluginFlag },
  async run({ flags, terminal }) {
    const registry = createRegistry(await loadPlugins(flags.plugin))
    const json = z.toJSONSchema(experimentSchema(registry), { io: 'input', unrepresentable: 'any' })
    terminal.out(JSON.stringify(json, null, 2))
    return 0
  },
})
