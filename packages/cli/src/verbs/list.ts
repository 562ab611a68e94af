import { type FactoryKind, type Registry, unknownName } from '@limbeck/core'
import { createRegistry } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { KINDS } from '../kinds.ts'
import { loadPlugins, pluginFlag } from '../plugins.ts'
import { textTable } from '../text-table.ts'

export const list = defineCommand({
  name: 'list',
  summary: 'Lists what a config can name',
  details: 'limbeck explain NAME tells the options of one of them.',
  arguments: [
    { name: 'KIND', summary: `one of ${KINDS.map(({ kind }) => kind).join(', ')}`, optional: true },
  ],
  flags: { plugin: pluginFlag, json: { summary: 'print JSON' } },
  async run({ args: [kind], flags, terminal }) {
    const registry = createRegistry(await loadPlugins(flags.plugin))
    const kinds = kind === undefined ? KINDS.map((one) => one.kind) : [requireKind(kind)]
    const found = kinds.map((one) => ({ kind: one, entries: entriesOf(registry, one) }))
    terminal.out(flags.json ? asJson(found) : asText(found))
    return 0
  },
})

interface Listed {
  readonly plugin: string
  readonly name: string
  readonly summary: string
}

interface ListedKind {
  readonly kind: FactoryKind
  readonly entries: readonly Listed[]
}

const entriesOf = (registry: Registry, kind: FactoryKind): Listed[] =>
  [...registry.list(kind)]
    .map(({ plugin, factory: { spec } }) => ({ plugin, name: spec.name, summary: spec.summary }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

function requireKind(given: string): FactoryKind {
  const found = KINDS.find(({ kind }) => kind === given)
  if (found) return found.kind
  const kinds = KINDS.map(({ kind }) => kind)
  throw unknownName('usage/unknown-kind', `limbeck list: nothing is of kind "${given}"`, given, kinds)
}

const asJson = (found: readonly ListedKind[]): string =>
  JSON.stringify(Object.fromEntries(found.map(({ kind, entries }) => [kind, entries])), null, 2)

const asText = (found: readonly ListedKind[]): string =>
  found
    .filter(({ entries }) => entries.length > 0)
    .map(({ kind, entries }) => {
      const rows = entries.map(({ name, summary }) => [name, summary])
      return `${kind}\n${textTable(rows, { align: 'left', indent: 2 })}`
    })
    .join('\n\n')
